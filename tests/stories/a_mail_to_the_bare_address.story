# Bruno belongs to two communities. A mail of his that answers nothing is asked about, although he has just written to one
# of them; his answers are not.
The community is Reading Circle, in English.
Another community is Choir, in English.

[Amina]  telegram, of Reading Circle
[Léa]    signal, of Choir
[Bruno]  email, of Reading Circle and Choir

Bruno says, with the subject "Beloved":
    Who has read it?
Bruno receives from the postman:
    For which of them is this? …
Bruno replies to the postman's message:
    1
Bruno receives from the postman:
    Sent to Reading Circle.
Amina receives from Bruno, in thread "Beloved":
    Who has read it?

Amina replies:
    I have.
Bruno receives from Amina:
    I have.
Bruno replies:
    Tell me more.
Amina receives from Bruno, under Amina's message:
    Tell me more.

Bruno says, with the subject "Thursday":
    I shall be late for the rehearsal.
Bruno receives from the postman:
    For which of them is this? …
Amina receives nothing.
Bruno replies to the postman's message:
    2
Bruno receives from the postman:
    Sent to Choir.
Léa receives from Bruno, in thread "Thursday":
    I shall be late for the rehearsal.
