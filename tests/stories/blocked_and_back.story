# Bruno blocks the postman: his mailbox serves at once and says why; when he writes from Telegram again, it serves again.
Played over the wire too.

[Amina]  signal
[Bruno]  telegram, also email

Bruno says:
    link
Bruno receives from the postman by telegram:
    … {code}. …
Bruno says by email, with the subject "code":
    {code}
Bruno receives from the postman by email:
    This code joins you to Bruno (Reading Circle). …
Bruno replies by email:
    YES
Bruno receives from the postman by email:
    Done: this is now one of your addresses.
    You receive the messages by Telegram. …
    If Telegram is ever away for more than an hour, shall I send you the messages here meanwhile? YES · NO …
Bruno receives from the postman by telegram:
    mail is now one of your addresses. …

Bruno blocks the postman.
Bruno receives from the postman by email:
    I can no longer reach you by Telegram, so from now on you receive the messages here. As soon as you write to me from there, they come there again.

Amina says:
    Beloved in March?
16 minutes later:
Bruno receives from Amina by email:
    Beloved in March?
Bruno receives nothing more.

Bruno replies to Amina's message by email:
    Oui, avec plaisir.
Amina receives from Bruno, under Amina's message:
    Oui, avec plaisir.

Bruno says by telegram:
    I am here again.
Amina receives from Bruno:
    I am here again.
Bruno receives from the postman by telegram:
    From now on you receive the messages here again.

Amina says:
    Or in April?
Bruno receives from Amina by telegram:
    Or in April?
16 minutes later:
Nobody receives anything.
