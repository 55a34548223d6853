# Somebody is to be brought back who is not gone: the code is told to the address that is left, and NO ends it.
[Marion]  telegram, organizer
[Inès]    email, in French

Marion says:
    recover Inès
Marion receives from the postman:
    Give this to Inès yourself, face to face or on the telephone: {way}. …
Inès receives from the postman:
    Marion a fait un code, valable 72 heures, pour vous faire revenir par une autre messagerie ou boîte mail. …
Inès replies:
    NON
Inès receives from the postman:
    Le code ne vaut plus rien : personne n'entrera avec lui.
Marion receives from the postman:
    Inès said no: the code is dead. Please talk to them.
