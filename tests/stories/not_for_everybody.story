# Amina believes to write to one person. She is shown what she wrote: once she sends it to nobody, once to the
# organizers alone, whose answer comes back to her by the way the question came. Nobody sees an address.
Played over the wire too.

[Amina]   signal, in French, new here
[Marion]  email, organizer
[Karim]   telegram

Amina says:
    Tu es là ?
Amina receives from the postman:
    Je l'envoie à tous les membres de Reading Circle (3 personnes, dont 1 par mail et 1 par Telegram) ? OUI · NON · EQUIPE (à l'équipe seulement)
    « Tu es là ? »
Amina says:
    non
Amina receives from the postman:
    Comme vous voulez : je ne l'ai envoyé à personne.

Amina says:
    Je ne peux pas payer la cotisation ce mois-ci.
Amina receives from the postman:
    …
    « Je ne peux pas payer la cotisation ce mois-ci. »
Amina says:
    équipe
Amina receives from the postman:
    Vos mots sont partis à l'équipe, à personne d'autre. …
Marion receives from the postman:
    Amina writes to the organizers:
    Je ne peux pas payer la cotisation ce mois-ci.
    Your reply to this message goes to Amina alone, under your name.
Karim receives nothing.

Marion replies:
    Aucun souci, prends ton temps.
Marion receives from the postman:
    Sent to Amina alone.
Amina receives from the postman:
    Marion vous répond, pour l'équipe :
    Aucun souci, prends ton temps.
Karim receives nothing.
