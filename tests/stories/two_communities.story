# One bot, two communities. Karim belongs to both: he is asked which one his words are for, unless they answer something.
The community is Reading Circle, in English.
Another community is Choir, in French.

[Amina]  telegram, of Reading Circle
[Léa]    telegram, of Choir, in French
[Karim]  telegram, of Reading Circle and Choir

Amina says:
    Beloved in March?
Karim receives from Amina:
    Beloved in March?

Karim replies:
    Yes!
Amina receives from Karim, under Amina's message:
    Yes!
Léa receives nothing.

Léa says:
    Répétition jeudi.
Karim receives from Léa:
    Répétition jeudi.

Karim replies:
    J'y serai.
Léa receives from Karim, under Léa's message:
    J'y serai.
Amina receives nothing.
