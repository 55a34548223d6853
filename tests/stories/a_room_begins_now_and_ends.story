# Seven people have a day to read the notice; until then the members among them are told in private as before. "Room
# now" ends the wait, and says so there. "Room off" ends the room.
The community is Cercle de lecture, in French.

[le salon]   room on telegram, not bound
[Marion]     telegram, organizer, in le salon
[Karim]      telegram, in le salon
[5 others]   telegram, in le salon, not a member
[Chloé]      signal

Marion says in le salon:
    /salon
Le salon receives from the postman:
    À partir de mercredi 4 mars à 18 h…, ce groupe est un salon de Cercle de lecture : … Rien de ce qui précède ne le sera.
    Pour qu'une phrase reste ici : commencez-la par //. Pour que rien de vous ne sorte d'ici : /pasmoi. Le détail : /confidentialite
    Mis en place par Marion.
Marion receives from the postman:
    « le salon » deviendra un salon mercredi 4 mars à 18 h…, pour que chacun y lise d'abord l'annonce. …

Chloé says:
    On se voit jeudi ?
Marion and Karim receive from Chloé:
    On se voit jeudi ?
Le salon receives nothing.

Marion says in le salon:
    /salon maintenant
Le salon receives from the postman:
    C'est dès maintenant : ce qui s'écrit ici est désormais porté à tous les membres de Cercle de lecture.
    Pour qu'une phrase reste ici : …
Other 1 says in le salon:
    Jeudi me va.
Chloé receives from Other 1:
    Jeudi me va.
Chloé replies:
    Parfait.
Le salon receives from Chloé, under Other 1's message:
    Parfait.

Marion says in le salon:
    /salon fin
Le salon receives from the postman:
    Ce groupe n'est plus un salon de Cercle de lecture : …
Other 1 says in le salon:
    Et maintenant, entre nous.
Chloé says:
    Vous êtes là ?
Marion and Karim receive from Chloé:
    Vous êtes là ?
