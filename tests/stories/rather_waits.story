# Asked when she links her mailbox, Chloé says no: when Signal is away, the messages wait for it. Karim says no when it happens.
[Amina]  telegram
[Chloé]  signal, also email
[Karim]  signal, linked to email, in French

Chloé says:
    link
Chloé receives from the postman by signal:
    … {code}. …
Chloé says by email, with the subject "code":
    {code}
Chloé receives from the postman by email:
    This code joins you to Chloé (Reading Circle). …
Chloé replies by email:
    YES
Chloé receives from the postman by email:
    Done: …
    If Signal is ever away for more than an hour, shall I send you the messages here meanwhile? YES · NO (If you say nothing, I will.)
Chloé receives from the postman by signal:
    mail is now one of your addresses. …
Chloé replies by email:
    NO
Chloé receives from the postman by email:
    Understood: if the other is away, the messages wait for it.

Signal is away.
Amina says:
    Who brings the cake?
62 minutes later:
Karim receives from the postman by email:
    Depuis 18 h, Signal ne répond plus. En attendant son retour, vous recevez les messages ici. Vous préférez attendre ? Répondez NON.
Karim receives from Amina by email:
    Who brings the cake?
Karim replies to "Signal ne répond plus" by email:
    NON
Karim receives from the postman by email:
    Entendu : si l'autre ne répond plus, les messages l'attendent.
Amina says:
    How kind.
20 minutes later:
Amina receives from the postman:
    1 member has not got your message yet. I go on trying.
    “Who brings the cake?”
2 hours later:
Nobody receives anything.

Signal is back.
Chloé receives from the postman by signal:
    #1 Amina: Who brings the cake?
    #2 Amina: How kind.
Karim receives from the postman by signal:
    À partir de 18 h, je n'ai pas pu vous joindre ici. Ce qui s'est dit depuis vous est parvenu par le mail.
Karim receives from Amina by signal:
    How kind.
