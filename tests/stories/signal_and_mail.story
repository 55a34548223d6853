# Chloé has Signal, Bruno only has mail: each answers under the other's message.
Played over the wire too.

[Chloé]  signal, in French
[Bruno]  email, in French

Bruno says, with the subject "Le prochain livre":
    Qui propose quelque chose ?

Chloé receives from Bruno, in thread "Le prochain livre":
    Qui propose quelque chose ?

Chloé replies:
    Pourquoi pas Beloved ?

Bruno receives from Chloé, under Bruno's message, in thread "Le prochain livre":
    Pourquoi pas Beloved ?

Bruno replies:
    Adopté.

Chloé receives from Bruno, under Chloé's message:
    Adopté.
