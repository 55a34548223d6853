# Untitled talk in a room is one thread a day, and a day ends at four in the morning.
[Amina]  telegram, in the hall
[Bruno]  email, in French

Amina says in the hall:
    Good evening!
Bruno receives from Amina, in thread "The hall, Tuesday 3 March":
    Good evening!

At 3:00:
Amina says in the hall:
    Still awake?
Bruno receives from Amina, in thread "The hall, Tuesday 3 March":
    Still awake?

At 8:00:
Amina says in the hall:
    Good morning!
Bruno receives from Amina, in thread "The hall, Wednesday 4 March":
    Good morning!
