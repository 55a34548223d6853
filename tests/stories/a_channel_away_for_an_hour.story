# Signal is away for more than an hour: who has a mailbox as well reads there meanwhile, the author learns how many have
# not got it, organizers hear of it elsewhere. Back again, nothing comes twice.
[Marion]  telegram, organizer
[Amina]   telegram
[Chloé]   signal, linked to email
[Karim]   signal

Signal is away.
Amina says:
    Who brings the cake?
Marion receives from Amina:
    Who brings the cake?
5 minutes later:
Nobody receives anything.
6 minutes later:
Marion receives from the postman:
    Signal has been away since 6 pm. I try again by myself, nothing is lost. If it lasts for an hour, whoever has another address and agreed to it is told there meanwhile. …
40 minutes later:
Nobody receives anything.

10 minutes later:
Chloé receives from the postman by email:
    Since 6 pm Signal has been away. Until it is back, you receive the messages here. Would you rather wait? Answer NO.
Chloé receives from Amina by email:
    Who brings the cake?
6 minutes later:
Amina receives from the postman:
    1 member has not got your message yet. I go on trying.
    “Who brings the cake?”

Chloé replies to Amina's message by email:
    I do.
Amina receives from Chloé, under Amina's message:
    I do.
Marion receives from Chloé, under Amina's message:
    I do.
Amina says:
    How kind.
Marion receives from Amina:
    How kind.
16 minutes later:
Chloé receives from Amina by email:
    How kind.
Nobody receives anything.

Signal is back.
Karim receives from the postman:
    #1 Amina: Who brings the cake?
    > Amina: Who brings the cake?
    #2 Chloé: I do.
    #3 Amina: How kind.
Chloé receives from the postman by signal:
    From 6 pm on I could not reach you here. What was said since then has gone to you by mail.
4 minutes later:
Marion receives from the postman:
    Signal is back. It was away from 6 pm to …; what waited is leaving now.

Marion replies to Amina's "cake":
    I bring tea.
Chloé receives from Marion by signal, with the quote "Amina: Who brings the cake?":
    I bring tea.
Amina receives from Marion, under Amina's "cake":
    I bring tea.
Karim receives from Marion, under "cake":
    I bring tea.
Nobody receives anything.
