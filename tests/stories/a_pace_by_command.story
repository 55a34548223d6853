# Josette has too many mails: she asks for one a thread.
[Amina]    telegram
[Josette]  email, in French

Josette says, with the subject "rythme":
    rythme groupé
Josette receives from the postman:
    …
Amina says:
    One
Amina says:
    Two
Josette receives nothing.
16 minutes later:
Josette receives from Amina, in thread "Reading Circle, Tuesday 3 March":
    #1 … Amina
    One

    #2 … Amina
    Two
