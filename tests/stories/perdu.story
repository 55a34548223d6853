# The same in French, by an organizer's words: perdu, then retrouver.
The community is Cercle de lecture, in French.
[Marion]  telegram, organizer
[Karim]   signal

Marion says:
    perdu Karim signal
Marion receives from the postman:
    Karim, Signal : perdu, ou dans d'autres mains ? …
Marion says:
    oui
Marion receives from the postman:
    C'est fait. Il n'y a plus moyen de joindre Karim : RETROUVER et son nom permet son retour.
Marion says:
    retrouver Karim
Marion receives from the postman:
    Donnez-le vous-même à Karim, de vive voix : {code}. …
