# Marion takes a message back: it goes from every screen, Josette's next mail does not have it, and Karim learns why.

[the hall]  room on telegram
[Marion]  telegram, organizer, in the hall
[Karim]   signal
[Josette] email, grouped

Karim says:
    Buy my watches!
The hall receives from Karim:
    Buy my watches!

Marion replies in the hall:
    /hide
Marion receives from the postman:
    Take this back from everyone? YES · NO
    Karim: “Buy my watches!”
Marion presses "YES".
Marion receives from the postman:
    It is taken back, and will not be sent to anyone any more.
The hall no longer shows "Buy my watches!".
Karim receives from the postman:
    Marion has taken this message of yours back from everyone:
    “Buy my watches!”
    A question about it: CONTACT.

Karim says:
    I am sorry.
The hall receives from Karim:
    I am sorry.
16 minutes later:
Josette receives from Karim:
    I am sorry.
