# Bruno, who only has mail, answers Amina under her message.
Played over the wire too.

[Amina]  telegram, in the hall
[Bruno]  email, in French

Amina says in the hall:
    Beloved in March?

Bruno receives from Amina:
    Beloved in March?

Bruno replies:
    Oui, avec plaisir.

The hall receives from Bruno, under Amina's message:
    Oui, avec plaisir.
