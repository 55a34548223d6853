# Two organizers, one question: each reads the same notice in their own language, and answers it from their own channel.
Played over the wire too.

[Marion]  telegram, organizer, in French
[Anne]    email, organizer, in English
[Karim]   signal, in English

Karim says:
    contact: Who has the keys?
Karim receives from the postman:
    Your words have gone to the organizers, to nobody else. Their answer comes to you alone.
Marion receives from the postman:
    Karim écrit à l'équipe :
    Who has the keys?
    …
Anne receives from the postman:
    Karim writes to the organizers:
    Who has the keys?
    Your reply to this message goes to Karim alone, under your name.

Anne replies:
    I have them.
Anne receives from the postman:
    Sent to Karim alone.
Karim receives from the postman:
    Anne answers you, for the organizers:
    I have them.
Marion receives from the postman:
    Anne a répondu à Karim :
    I have them.

Karim replies:
    Thank you!
Karim receives from the postman:
    Your words have gone to the organizers, …
Marion receives from the postman:
    Karim écrit à l'équipe :
    Thank you!
    …
Anne receives from the postman:
    Karim writes to the organizers:
    Thank you!
    …
