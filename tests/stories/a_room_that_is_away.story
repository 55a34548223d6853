# The Signal group is away: who reads in it reads on there, and gets nothing twice by mail. The author learns how many wait.
[Amina]        telegram
[Chloé]        signal, linked to email, in the hall
[Karim, Inès]  signal, in the hall

Signal is away.
Amina says:
    Who brings the cake?
70 minutes later:
Amina receives from the postman:
    3 members have not got your message yet. I go on trying.
    “Who brings the cake?”
Chloé receives nothing.
Signal is back.
The hall receives from Amina:
    Who brings the cake?
4 minutes later:
Nobody receives anything.
