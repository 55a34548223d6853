# Three channels, three private chats: everyone gets each message once, and nobody their own.
Played over the wire too.

[Amina]  telegram
[Bruno]  email
[Chloé]  signal

Amina says:
    First.
Bruno receives from Amina:
    First.
Chloé receives from Amina:
    First.

Bruno replies:
    Second.
Amina receives from Bruno, under Amina's message:
    Second.
Chloé receives from Bruno, under Amina's message:
    Second.

Chloé says:
    Third, and an answer to nobody.
Amina receives from Chloé:
    Third, and an answer to nobody.
Everyone else receives the same.
