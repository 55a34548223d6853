# Karim is in the room and a member: he reads there, and gets nothing in private. Dario is in the room and has not
# joined: his words are carried under the name he has there.

[Amina]  signal, in French
[Karim]  telegram, in the hall
[Dario]  telegram, in the hall, not a member

Amina says:
    Bonsoir la compagnie, je suis en retard.
The hall receives from Amina:
    Bonsoir la compagnie, je suis en retard.
Karim receives nothing.

Dario says in the hall:
    Me too, the train stands still.
Amina receives from Dario:
    Me too, the train stands still.

Amina replies:
    On t'attend.
The hall receives from Amina, under Dario's message:
    On t'attend.
Dario receives nothing.
