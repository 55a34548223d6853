# Strangers write by chat: each is told once a day, alone, how one comes in, whatever they write; no community and nobody
# is named. Their words go nowhere. A stranger's mail is held, and an organizer sees how many wait.
Played over the wire too.

[Marion]  telegram, organizer
[Dario]   signal, not a member
[Paolo]   telegram, not a member
[Eve]     email, not a member

Dario says:
    Hello Marion, it is me
Dario receives from the postman:
    Hello. I carry the messages of a private group; I have not passed yours on to anybody. If you were invited, send me the code of the invitation (eight letters and digits, like 7K2F-9MPD). If not, please ask the person who gave you this address. (Automatic answer.)
Paolo says:
    /start
Paolo receives from the postman:
    Hello. I carry the messages of a private group; …
Paolo says:
    /who
Paolo receives nothing.
Dario says:
    Marion?
Nobody receives anything.

Eve says, with the subject "Hello":
    May I join?
Nobody receives anything.
Marion says:
    /state
Marion receives from the postman:
    Everything is well: every channel works, and nothing has failed.
    1 message of somebody I do not know is held: nobody has got it

25 hours later:
Dario says:
    Is anybody there?
Dario receives from the postman:
    Hello. I carry the messages of a private group; …
Marion receives nothing.
