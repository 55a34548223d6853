# Chloé loses her telephone: said by mail, with a second word. What is written from it is not heard; found again, a code brings it back.
[Amina]  telegram
[Chloé]  signal, also email

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
Chloé receives from the postman by signal:
    mail is now one of your addresses. …

Chloé says by email, with the subject "lost signal":
    lost signal
Chloé receives from the postman by email:
    Your Signal is lost or in other hands? …
Chloé replies by email:
    YES
Chloé receives from the postman by email:
    Signal counts as lost: nothing more goes there, …
    You receive the messages by mail. …

Chloé says by signal:
    I found this telephone on a bench.
Nobody receives anything.
Amina says:
    Where are you all?
16 minutes later:
Chloé receives from Amina by email:
    Where are you all?
Chloé receives nothing.

Chloé says by email, with the subject "link":
    link
Chloé receives from the postman by email:
    … {again}. …
Chloé says by signal:
    {again}
Chloé receives from the postman by signal:
    This code joins you to Chloé (Reading Circle). …
Chloé says by signal:
    yes
Chloé receives from the postman by signal:
    Done: this is now one of your addresses.
    You receive the messages by mail. …
Chloé receives from the postman by email:
    Signal is now one of your addresses. …
