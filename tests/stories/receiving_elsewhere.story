# Chloé wants to be told by mail from now on: the mailbox she names is asked once, its OK moves her, her threads follow.
Played over the wire too.

[Amina]  telegram
[Chloé]  signal, also email

Amina says:
    Beloved in March?
Chloé receives from Amina by signal:
    Beloved in March?

Chloé says:
    receive {Chloé's address}
Chloé receives from the postman by signal:
    I have written to …
Chloé receives from the postman by email:
    Chloé would like to receive the messages of Reading Circle here. …

Chloé replies by email:
    OK
Chloé receives from the postman by email:
    From now on you receive everything by mail. …
Chloé receives from the postman by signal:
    From now on you receive everything by mail. …

Chloé says by email, with the subject "pace":
    pace each
Chloé receives from the postman by email:
    From now on you receive each message at once.

Amina says:
    Who brings the book?
Chloé receives from Amina by email:
    Who brings the book?

Chloé replies by email:
    I do.
Amina receives from Chloé, under Amina's "Who brings":
    I do.
