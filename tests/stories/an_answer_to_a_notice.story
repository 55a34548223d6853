# An answer to something the postman said goes to nobody before its writer says so: in a chat as by mail.
Played over the wire too.

[Amina]  telegram
[Chloé]  signal, in French
[Bruno]  email

Amina says:
    /zone Europe/Paris
Amina receives from the postman:
    …
Amina replies:
    Thanks, who is coming on Sunday?
Amina receives from the postman:
    Is this for everyone? YES · NO
    “Thanks, who is coming on Sunday?”
Nobody receives anything.
Amina says:
    yes
Amina receives from the postman:
    Sent to everyone.
Chloé and Bruno receive from Amina:
    Thanks, who is coming on Sunday?

Chloé says:
    /fuseau Europe/Paris
Chloé receives from the postman:
    …
Chloé replies:
    Merci beaucoup !
Chloé receives from the postman:
    Est-ce pour tout le monde ? OUI · NON
    « Merci beaucoup ! »
Chloé says:
    non
Chloé receives from the postman:
    …
Nobody receives anything.
