# A Telegram group and a Signal group are rooms of one community: what is said in one is heard in the other,
# natively under what it answers; nobody in a room gets a second copy in private.
Played over the wire too.

[Amina, Karim]  telegram, in the hall
[Chloé, Inès]   signal, in the kitchen

Amina says in the hall:
    Who is there tonight?

The kitchen receives from Amina:
    Who is there tonight?

Chloé replies in the kitchen:
    Inès and me.

The hall receives from Chloé, under Amina's message:
    Inès and me.

Karim replies to Chloé's message in the hall:
    Then we are four.

The kitchen receives from Karim, under Chloé's message:
    Then we are four.

Nobody receives anything.
