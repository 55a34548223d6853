# Who does not answer what becomes of the messages is forgotten the gentler way: they stay, without a name. In French.
The community is Cercle de lecture, in French.
[Amina]  telegram, organizer
[Inès]   signal

Inès says:
    J'apporte le gâteau.
Amina receives from Inès:
    J'apporte le gâteau.

Inès says:
    oubliez-moi
Inès receives from the postman:
    À partir de maintenant, rien ne vous est plus envoyé et rien de ce que vous écrivez n'est transmis : Cercle de lecture. Cela vaut partout où vous êtes membre ; pour n'en quitter qu'un, il y a QUITTER.
    Le vendredi 6 mars à 18 h, j'efface vos adresses, votre nom et tout ce que je garde de vous. D'ici là, ANNULER, depuis n'importe laquelle de vos adresses, et tout redevient comme avant.
    Que deviennent vos messages ?
    1 Ils restent, signés « ancien membre », avec ce qu'ils disent de vous.
    2 Ils sont effacés aussi, et repris autant que les applications des autres le permettent encore.
    Sans réponse, je comprends 1. NON : c'était une erreur.

3 days later:
Inès receives from the postman:
    C'est fait : je ne me souviens plus de vous. Vos adresses, votre nom et tout ce que je gardais de vous sont effacés ; cette adresse aussi, dès que ce message est parti.
    1 message de vous reste, signé « ancien membre ».
    Ce que je ne peux pas reprendre : 1 copie sur les appareils des autres; …
    Bonne route.

Amina replies to Inès's message:
    Merci !
Nobody receives anything.
