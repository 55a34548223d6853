# Nobody leaves by one word: the question is answered with no, and all is as it was. A sentence that begins with the
# word is a sentence.
[Amina]  signal, in French
[Karim]  telegram

Amina says:
    quitter
Amina receives from the postman:
    Quitter Reading Circle ? … OUI · NON
Amina says:
    non
Amina receives from the postman:
    …
Amina says:
    Quitter la salle à 22 h, c'est possible ?
Karim receives from Amina:
    Quitter la salle à 22 h, c'est possible ?
