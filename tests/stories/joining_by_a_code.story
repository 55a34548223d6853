# Marion makes an invitation; Karim sends its code on Telegram, is told what he would join, and says yes.
Played over the wire too.

[Marion]  email
[Karim]   telegram, not a member, in English

Marion says, with the subject "invite":
    invite
Marion receives from the postman:
    An invitation to Reading Circle, good for 30 days: {code}
    …
    The person opens one of these, or sends me the code. Nothing is sent to them before they say yes.

Karim says:
    {code}
Karim receives from the postman:
    Hello! I am the postman of Reading Circle, a program: …
    Marion invites you. …
    Answer YES or NO. To know more: PRIVACY
Marion receives nothing.

Marion says, with the subject "Beloved":
    Who has read it?
Karim receives nothing.

Karim presses "YES".
Karim receives from the postman:
    Welcome, Karim! (Another name? NAME: Karim B.)
    …
    Just now: “Beloved” (1).
Marion receives from the postman:
    Karim, whom you invited, is now in Reading Circle.

Karim says:
    Hello, I am new here.
Karim receives from the postman:
    Shall I send it to all of Reading Circle (2 people, of whom 1 by mail)? YES · NO · TEAM (to the organizers only)
    “Hello, I am new here.”
Marion receives nothing.
Karim presses "YES".
Karim receives from the postman:
    Sent to everyone.
Marion receives from Karim:
    Hello, I am new here.
