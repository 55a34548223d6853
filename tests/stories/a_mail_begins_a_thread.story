# A mail with a subject is a thread of that name everywhere; an answer under another subject begins a new one.
Played over the wire too.

[Amina]  telegram, in the hall
[Bruno]  email, in French

Bruno says, with the subject "Pique-nique du 14 juin":
    Qui apporte les verres ?
The hall receives from Bruno, in thread "Pique-nique du 14 juin":
    Qui apporte les verres ?

Amina replies in the hall:
    I do.
Bruno receives from Amina, under Bruno's message, in thread "Pique-nique du 14 juin":
    I do.

Bruno replies, with the subject "Le livre de juillet":
    Et on lit quoi en juillet ?
The hall receives from Bruno, in thread "Le livre de juillet":
    Et on lit quoi en juillet ?
