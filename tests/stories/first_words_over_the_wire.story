# Karim has just come in. What he writes first is shown back to him, with how many will read it and by which channel;
# he says yes by a button, Chloé by a word, and from the third time nobody asks any more. A mail is never asked about.
Played over the wire too.

[Karim]  telegram, new here
[Chloé]  signal, in French, new here
[Bruno]  email, new here

Karim says:
    Does anybody have the key?
Karim receives from the postman:
    Shall I send it to all of Reading Circle (3 people, of whom 1 by mail and 1 by Signal)? YES · NO · TEAM (to the organizers only)
    “Does anybody have the key?”
Bruno receives nothing.
Karim presses "YES".
Karim receives from the postman:
    Sent to everyone.
Bruno receives from Karim:
    Does anybody have the key?
Chloé receives from Karim:
    Does anybody have the key?

Bruno replies:
    I do.
Karim receives from Bruno, under Karim's message:
    I do.
Chloé receives from Bruno, under Karim's message:
    I do.

Chloé replies to Bruno's message:
    Merci !
Chloé receives from the postman:
    Je l'envoie à tous les membres de Reading Circle (3 personnes, dont 1 par mail et 1 par Telegram) ? OUI · NON · EQUIPE (à l'équipe seulement)
    « Merci ! »
Nobody receives anything.
Chloé says:
    oui
Chloé receives from the postman:
    Envoyé à tous.
Karim receives from Chloé, under Bruno's message:
    Merci !
Bruno receives from Chloé, under Bruno's message:
    Merci !

Karim replies to Bruno's message:
    I come at six.
Karim receives from the postman:
    Shall I send it to all of Reading Circle …
    “I come at six.”
Karim presses "YES".
Karim receives from the postman:
    Sent to everyone. From now on I send what you write here without asking.
Bruno receives from Karim, under Bruno's message:
    I come at six.
Chloé receives from Karim, under Bruno's message:
    I come at six.

Karim says:
    Or at seven.
Bruno receives from Karim:
    Or at seven.
Chloé receives from Karim:
    Or at seven.
