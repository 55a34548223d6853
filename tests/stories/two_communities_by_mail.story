# Two communities share one mailbox; an answer goes to the community of the mail it answers.
The community is Reading Circle, in English.
Another community is Choir, in French.

[Amina]  telegram, of Reading Circle
[Léa]    signal, of Choir
[Bruno]  email, of Reading Circle and Choir

Amina says:
    Beloved in March?
Bruno receives from Amina:
    Beloved in March?
Léa says:
    Répétition jeudi.
Bruno receives from Léa:
    Répétition jeudi.

Bruno replies to Amina's message:
    Yes, March.
Amina receives from Bruno, under Amina's message:
    Yes, March.

Bruno replies to Léa's message:
    Jeudi, très bien.
Léa receives from Bruno, under Léa's message:
    Jeudi, très bien.
