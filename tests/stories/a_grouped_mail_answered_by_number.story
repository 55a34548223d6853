# Josette takes her mail grouped: one mail a thread after a quarter of an hour of silence. She answers one line of it
# by its number, and her answer stands under that line in the room.

It is Tuesday 3 March 2026, 18:05.

[Amina, Karim]  telegram, in the hall
[Josette]  email, in French, grouped

Amina says in the hall:
    On se voit le 12 ou le 19 ?
Karim says in the hall:
    Pour moi le 12.
Amina says in the hall:
    Josette, et toi ?
Josette receives nothing.

16 minutes later:
Josette receives from the postman, in thread "The hall, Tuesday 3 March":
    #1 18 h 05 Amina
    On se voit le 12 ou le 19 ?

    #2 18 h 05 Karim
    Pour moi le 12.

    #3 18 h 05 Amina
    Josette, et toi ?

Josette replies:
    #1 Je préfère le 19.

The hall receives from Josette, under Amina's "On se voit":
    Je préfère le 19.
