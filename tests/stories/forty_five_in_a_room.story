# Forty-five people in a group, three of them members: one notice, a day to read it, then everything is carried and
# nobody is written to in private. Inès keeps out of it. Dario is taken out by the group's administrator: who had not
# read him does not, and Marion decides about the rest.
Played over the wire too.

[the hall]      room on telegram, not bound
[Marion]        telegram, organizer, in the hall
[Amina, Bruno]  telegram, in the hall
[Inès, Dario]   telegram, in the hall, not a member
[40 others]     telegram, in the hall, not a member
[Chloé]         signal
[Josette]       email, grouped

Marion says in the hall:
    /room
The hall receives from the postman:
    From Wednesday 4 March at …, this group is a room of Reading Circle: what is written here will be carried to all its members (…: 47 people) and kept for 2 years on the association's server. Nothing written before will be.
    To keep a line here, begin it with //. To keep everything of yours here: /notme. The details: /privacy
    Set up by Marion.
Marion receives from the postman:
    “the hall” becomes a room on Wednesday 4 March at …, so that everybody there can read the notice first. To begin at once, write /room now there. Members I know to be in it, who get the messages there and not again in private: Amina, Bruno and Marion.

Inès says in the hall:
    So we have until tomorrow.
Chloé says:
    Can the group hear me?
Marion, Amina and Bruno receive from Chloé:
    Can the group hear me?

25 hours later:
Josette receives from Chloé:
    Can the group hear me?

Other 7 says in the hall:
    Good evening to everybody.
Chloé receives from Other 7:
    Good evening to everybody.
Bruno replies in the hall:
    Good evening, neighbour.
Chloé receives from Bruno, under Other 7's message:
    Good evening, neighbour.
Chloé replies:
    I hear you well.
The hall receives from Chloé, under Bruno's message:
    I hear you well.

Inès says in the hall:
    pas moi
The hall receives from the postman:
    Understood: nothing you write here leaves this room any more. To end that: /notme off
Inès says in the hall:
    This is for us only.
Nobody receives anything.
3 minutes later:
The hall no longer shows "Understood".

Dario says in the hall:
    Cheap watches, write to me!
Chloé receives from Dario:
    Cheap watches, write to me!
Marion removes Dario from the hall.
Marion receives from the postman:
    Dario was taken out of “the hall” by one of its administrators. 1 message of theirs had not reached everybody yet, and reaches nobody more. 1 message of the last hour has been read by others. Shall I hide it? YES · NO
Marion presses "YES".
Marion receives from the postman:
    Hidden: 1 message of Dario's.
Chloé no longer shows "Cheap watches".

16 minutes later:
Josette receives from the postman:
    #1 … Other 7
    Good evening to everybody.

    #2 … Bruno…
    Good evening, neighbour.

    #3 … Chloé…
    I hear you well.
