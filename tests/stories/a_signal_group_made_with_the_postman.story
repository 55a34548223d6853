# A Signal group that was made with the postman in it has nobody who did not see it come: it begins at once, however
# many are there. What begins with // stays there, and so does everything of who is silent.
Played over the wire too.

[the kitchen]  room on signal, not bound, made with the postman
[Chloé]        signal, organizer, in the kitchen
[Inès]         signal, in the kitchen
[6 others]     signal, in the kitchen, not a member
[Amina]        telegram

Chloé says in the kitchen:
    /room
The kitchen receives from the postman:
    From now on this group is a room of Reading Circle: … 9 people) …
    To keep a line here, begin it with //. To keep everything of yours here: /notme. The details: /privacy
    Set up by Chloé. The encryption of Signal ends with me.
Chloé receives from the postman:
    “the kitchen” is now a room. Members I know to be in it, who get the messages there and not again in private: Chloé and Inès.

Other 2 says in the kitchen:
    // Amina must not know: the cake is for her.
Nobody receives anything.
Other 3 replies to Other 2's message in the kitchen:
    What time do we meet?
Amina receives from Other 3:
    What time do we meet?
Inès says in the kitchen:
    not me
Inès receives from the postman:
    Understood: nothing you write in “the kitchen” leaves it any more. What you write to me in private still goes to all. To end that, write /notme off there.
Inès says in the kitchen:
    At six, at my place.
Nobody receives anything.

Other 4 says in the kitchen:
    I shall be late.
Amina receives from Other 4:
    I shall be late.
Other 4 leaves the kitchen.
Nobody receives anything.

Other 5 says in the kitchen:
    Buy my miracle cure.
Amina receives from Other 5:
    Buy my miracle cure.
Other 1 removes Other 5 from the kitchen.
Chloé receives from the postman:
    Other 5 was taken out of “the kitchen” by one of its administrators. 1 message of the last hour has been read by others. Shall I hide it? YES · NO
Chloé says:
    yes
Chloé receives from the postman:
    Hidden: 1 message of Other 5's.
Amina no longer shows "miracle cure".
