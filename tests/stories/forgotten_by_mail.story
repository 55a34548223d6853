# Josette has only mail: she asks to be forgotten with all she wrote, answers by mail, and her mails leave the mailbox too.
Played over the wire too.
[Amina]    telegram, organizer
[Josette]  email, in French

Josette says, with the subject "Les confitures de Josette":
    Il reste douze pots.
Amina receives from Josette:
    Il reste douze pots.

Josette says, with the subject "oubliez-moi":
    oubliez-moi
Josette receives from the postman:
    À partir de maintenant, rien ne vous est plus envoyé …
Josette replies:
    2
Josette receives from the postman:
    Vos messages seront effacés aussi, le vendredi 6 mars à 18 h. D'ici là : ANNULER.

1 day later:
Josette says, with the subject "Encore moi":
    Est-ce que tout le monde va bien ?
Josette receives from the postman, in thread "Vous avez demandé que je vous oublie":
    On m'a demandé de vous oublier, et je ne transmets rien de vous. …

3 days later:
Josette receives from the postman:
    C'est fait : je ne me souviens plus de vous. …
    1 message de vous est effacé.
    …
Amina now reads "(message taken back by its author)" in place of "douze pots".
1 minute later:
Nobody receives anything.
