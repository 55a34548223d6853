# Karim belongs to two communities and writes out of the blue: he is asked which one it is for, and what he writes in the
# next half hour goes there too.
The community is Reading Circle, in English.
Another community is Choir, in English.

[Amina]  signal, of Reading Circle
[Léa]    signal, of Choir
[Karim]  telegram, of Reading Circle and Choir

Karim says:
    I am late tonight.
Karim receives from the postman:
    For which of them is this? Answer with its number.
    1. Reading Circle
    2. Choir
Karim says:
    2
Karim receives from the postman:
    …
Léa receives from Karim:
    I am late tonight.

Karim says:
    Ten minutes at most.
Léa receives from Karim:
    Ten minutes at most.
Amina receives nothing.

40 minutes later:
Karim says:
    Here I am.
Karim receives from the postman:
    For which of them is this? …
Karim presses "Reading Circle".
Karim receives from the postman:
    …
Amina receives from Karim:
    Here I am.
