# A command is between one person and the postman: its answer comes privately, and nobody else sees either.
[Amina, Karim]  telegram, in the hall
[Bruno]  email

Amina says in the hall:
    /help
Amina receives from the postman:
    …
Amina says in the hall:
    /who
Amina receives from the postman:
    Reading Circle: 3 members
    Amina, Bruno and Karim
Amina says in the hall:
    Who has read Proust?
Bruno receives from Amina:
    Who has read Proust?
