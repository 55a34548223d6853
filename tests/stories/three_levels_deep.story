# A question on Telegram, an answer by mail, an answer to the answer on Signal: three levels, three channels.
Played over the wire too.

[Amina]  telegram, in the hall
[Bruno]  email, in French
[Chloé]  signal

Amina says in the hall:
    Beloved in March?

Bruno receives from Amina:
    Beloved in March?
Chloé receives from Amina:
    Beloved in March?

Bruno replies:
    Plutôt en avril.

The hall receives from Bruno, under Amina's message:
    Plutôt en avril.
Chloé receives from Bruno, under Amina's message:
    Plutôt en avril.

Chloé replies to Bruno's message:
    April is fine with me.

The hall receives from Chloé, under Bruno's message:
    April is fine with me.
Bruno receives from Chloé, under Bruno's message:
    April is fine with me.

Bruno replies to Chloé's message:
    Alors c'est dit.

Chloé receives from Bruno, under Chloé's message:
    Alors c'est dit.
The hall receives from Bruno, under Chloé's message:
    Alors c'est dit.
