# Bruno has one address, and it fails: the author is told a number, STATE tells the organizers who, a word of his mends it.
[Marion]  telegram, organizer
[Amina]   telegram
[Bruno]   email

Bruno can no longer be reached by email.
Amina says:
    Beloved in March?
Marion receives from Amina:
    Beloved in March?
3 minutes later:
Amina receives from the postman:
    1 member did not get your message: it could not be delivered. The organizers see it.
    “Beloved in March?”
Marion receives from the postman:
    1 message could not go on. STATE says which, and what can be done.
Amina says:
    Or in April?
Marion receives from Amina:
    Or in April?
3 minutes later:
Nobody receives anything.
Marion says:
    state
Marion receives from the postman:
    1 member cannot be reached: Bruno. A message from them mends it.
    1 message could not go on:
    out:…, to Bruno by mail: nobody can be reached there any more
    …

Bruno says, with the subject "Holidays":
    My mailbox was full.
Marion and Amina receive from Bruno:
    My mailbox was full.
Amina says:
    Welcome back.
Marion receives from Amina:
    Welcome back.
Bruno receives from Amina:
    Welcome back.
