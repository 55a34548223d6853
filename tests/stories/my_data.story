# Chloé asks what is kept of her: a file comes to her alone; asked in the room, it comes in private as well.
Played over the wire too.
[the hall]  room on telegram
[Amina]  telegram, in the hall
[Chloé]  telegram, in the hall
[Bruno]  email, in French

Chloé says in the hall:
    On lit Beloved ?
Bruno receives from Chloé:
    On lit Beloved ?

Chloé says:
    mydata
Chloé receives from the postman:
    Here is everything I keep of you: to read, and for programs (data.json). Keep it safe: your addresses are in it.
Chloé says in the hall:
    /mydata
Chloé receives from the postman:
    …

Bruno says:
    mes données
Bruno receives from the postman:
    Voici tout ce que je garde de vous : à lire, et pour les programmes (data.json). Gardez-le en lieu sûr : vos adresses y sont.
