# Marion gives Bruno's address: he gets one mail, in the community's language, says yes by answering it, and is in.
# Sami gets one as well, does not answer, and gets nothing more, ever.
# A mailbox begins with one mail a thread, after a quarter of an hour of silence.
The community is Cercle de lecture, in French.

[Marion]  telegram
[Bruno]   email, not a member
[Sami]    email, not a member

Marion says:
    inviter {Bruno's address}, {Sami's address}
Marion receives from the postman:
    J'écris une seule fois à ces 2 adresses, …
Bruno receives from the postman:
    Bonjour ! Je suis le facteur de Cercle de lecture, …
Sami receives from the postman:
    Bonjour ! …

Bruno replies:
    OUI
Bruno receives from the postman:
    Bienvenue, Bruno ! …
Marion receives from the postman:
    Bruno, que vous avez invité, …

Marion says:
    Bienvenue à Bruno !
Bruno receives nothing.

16 minutes later:
Bruno receives from Marion:
    Bienvenue à Bruno !
Sami receives nothing.
