# Karim changes his mind, from his mailbox: within three days one word brings everything back, what he had just said too.
[Amina]  signal, organizer
[Karim]  telegram, also email
[Josette]  email, grouped

Karim says:
    link
Karim receives from the postman by telegram:
    …: {code}. …
Karim says by email, with the subject "my code":
    {code}
Karim receives from the postman by email:
    This code joins you to Karim …
Karim replies by email:
    YES
Karim receives from the postman by email:
    …
Karim receives from the postman by telegram:
    …

Karim says:
    The keys are with me.
Amina receives from Karim:
    The keys are with me.
Karim says:
    oubliez-moi
Karim receives from the postman by telegram:
    From now on nothing is sent to you…
Karim receives from the postman by email:
    From another address of yours I was asked to forget you. Nothing is sent to you any more; on … everything I keep of you is erased. If that was not you, or was a mistake: UNDO.

1 hour later:
Josette receives nothing.
Amina says:
    Who has the keys?
Karim receives nothing.

Karim replies by email:
    undo
Karim receives from the postman by email:
    I forget nothing: you are back in Reading Circle, as before. What was written in between was not sent to you.

20 minutes later:
Josette receives from the postman:
    …The keys are with me.…
Amina says:
    There you are!
Karim receives from Amina:
    There you are!
20 minutes later:
Josette receives from Amina:
    There you are!
