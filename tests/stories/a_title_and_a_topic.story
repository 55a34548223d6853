# The day's talk has become a subject of its own: "title" names it, "topic" puts it under a theme.
[Amina]  telegram, in the hall
[Bruno]  email, in French

Amina says in the hall:
    What do we read in June?
Bruno receives from Amina, in thread "The hall, Tuesday 3 March":
    What do we read in June?

Amina says in the hall:
    /title June's book
Amina receives from the postman:
    This thread is now called “June's book”.
Amina says in the hall:
    /topic Books
Amina receives from the postman:
    “June's book” belongs to the topic “Books” now.

Bruno replies:
    Jazz !
The hall receives from Bruno, in thread "June's book", under Amina's message:
    Jazz !

At 12:00:
Amina says in the hall:
    Good morning!
Bruno receives from Amina, in thread "The hall, Wednesday 4 March":
    Good morning!
