# A Signal group that is a room: what is said there reaches a mailbox, and the mail's answer stands under it there.
Played over the wire too.

[Chloé]  signal, in the terrace
[Bruno]  email
[Amina]  telegram

Chloé says in the terrace:
    Who has the key?
Bruno receives from Chloé:
    Who has the key?
Amina receives from Chloé:
    Who has the key?

Bruno replies:
    I have.
The terrace receives from Bruno, under Chloé's message:
    I have.
Amina receives from Bruno, under Chloé's message:
    I have.
