# One mail may answer several lines: each answer stands under the words of its own.
[Amina]  telegram, in the hall
[Karim]  telegram, in the hall
[Josette]  email, grouped

Amina says in the hall:
    The 12th or the 19th?
Karim says in the hall:
    Who brings the cake?

16 minutes later:
Josette receives from the postman:
    #1 …  Amina
    The 12th or the 19th?

    #2 …  Karim
    Who brings the cake?

Josette replies:
    #1 The 19th, please.
    #2 I do.

The hall receives from the postman:
    Amina: The 12th or the 19th?
    #3 Josette: The 19th, please.
    Karim: Who brings the cake?
    #4 Josette: I do.
