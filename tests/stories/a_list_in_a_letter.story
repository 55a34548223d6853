# Josette writes a mail with the subject "Inviter", and the letter is the list. Nobody else reads it.
The community is Cercle de lecture, in French.

[Josette]  email
[Amina]    telegram
[Karim]    email, not a member
[Zoé]      email, not a member

Josette says, with the subject "Inviter":
    {Karim's address}  Karim
    {Zoé's address}  Zoé Martin
Josette receives from the postman:
    J'écris une seule fois à ces 2 adresses, …
Karim and Zoé receive from the postman:
    Bonjour ! Je suis le facteur de Cercle de lecture, …
    Josette vous invite. …
Amina receives nothing.

Josette says, with the subject "invités":
    invités
Josette receives from the postman:
    Vos invitations (Cercle de lecture) :
    1. Karim : pas encore de réponse, depuis mardi 3 mars
    2. Zoé Martin : pas encore de réponse, depuis mardi 3 mars
    Pour en reprendre une : DESINVITER et son numéro.

Zoé replies:
    Non merci
Zoé receives nothing.
Josette says, with the subject "invités":
    invités
Josette receives from the postman:
    …
    2. Zoé Martin : a dit non
    …
