# Until an organizer says so, nothing of a group is carried; then one notice stands there, and what is said is heard.
Played over the wire too.

[the hall]  room on telegram, not bound
[Marion]  telegram, organizer, in the hall
[Karim]   telegram, in the hall
[Chloé]   signal

Marion says in the hall:
    This is only between us.
Chloé receives nothing.

Karim says in the hall:
    /room
Nobody receives anything.

Marion says in the hall:
    /room
The hall receives from the postman:
    From now on this group is a room of Reading Circle: …
    To keep a line here, begin it with //. To keep everything of yours here: /notme. The details: /privacy
    Set up by Marion.
Marion receives from the postman:
    “the hall” is now a room. Members I know to be in it, who get the messages there and not again in private: Karim and Marion.

Karim says in the hall:
    Can everyone hear us?
Chloé receives from Karim:
    Can everyone hear us?
Chloé replies:
    Loud and clear.
The hall receives from Chloé, under Karim's message:
    Loud and clear.
