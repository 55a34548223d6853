# Chloé joined twice, on Signal and by mail. A code shows that she is one person: one name, one copy of everything.
[Amina]    telegram
[Chloé]    signal
[Chloé M]  email

Amina says:
    First line.
Chloé receives from Amina:
    First line.
Chloé M receives from Amina:
    First line.

Chloé says:
    link
Chloé receives from the postman:
    … {code}. …
Chloé M says, with the subject "code":
    {code}
Chloé M receives from the postman:
    This code joins you to Chloé (Reading Circle). You two become one: …
Chloé M replies:
    yes
Chloé M receives from the postman:
    You are now one member, Chloé, …
Chloé receives from the postman:
    You are now one member, Chloé, …

Amina says:
    Second line.
Chloé receives from Amina:
    Second line.
Chloé M receives nothing.

Chloé M replies to Amina's message:
    It is me, from my mailbox.
Amina receives from Chloé, under Amina's "First line":
    It is me, from my mailbox.
