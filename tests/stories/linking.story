# Chloé has Signal and a mailbox: a code joins the two, both sides are told, and she is one person on both.
Played over the wire too.

[Amina]  telegram
[Chloé]  signal, also email

Chloé says:
    link
Chloé receives from the postman by signal:
    Write me this from your other messenger or mailbox (…), within 15 minutes: {code}. …

Chloé says by email, with the subject "my code":
    {code}
Chloé receives from the postman by email:
    This code joins you to Chloé (Reading Circle). Is that you? YES · NO

Chloé replies by email:
    YES
Chloé receives from the postman by email:
    Done: this is now one of your addresses.
    You receive the messages by Signal. …
Chloé receives from the postman by signal:
    mail is now one of your addresses. If that was not you: UNLINK mail
    You receive the messages by Signal. …

Amina says:
    Beloved in March?
Chloé receives from Amina by signal:
    Beloved in March?

Chloé says by email, with the subject "From my desk":
    I write from my desk today.
Amina receives from Chloé, in thread "From my desk":
    I write from my desk today.
Chloé receives nothing.
