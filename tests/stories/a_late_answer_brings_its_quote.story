# Three hours later nobody finds the question any more: the answer brings its words along.
[Amina]  telegram, in the hall
[Bruno]  email

Amina says in the hall:
    Who has the key of the library?
Bruno receives from Amina:
    Who has the key of the library?

3 hours later:

Bruno replies:
    I have.
The hall receives from Bruno, under Amina's message, with the quote "Amina: Who has the key of the library?":
    I have.
