# What takes a message back is an organizer's own word, the whole of it, twice. All else is talk, or is refused.

[Marion]  email, organizer
[Karim]   signal
[Chloé]   telegram

Karim says:
    Buy my watches!
Marion and Chloé receive from Karim:
    Buy my watches!

Chloé replies to Karim's message:
    /hide
Chloé receives from the postman:
    Only the organizers can do that.

Marion replies to Karim's message:
    Shall I hide it?
Karim and Chloé receive from Marion:
    Shall I hide it?

Marion replies to Karim's message:
    hide
Marion receives from the postman:
    Take this back from everyone? YES · NO
    Karim: “Buy my watches!”
Marion replies:
    no
Marion receives from the postman:
    Very well: nothing has changed.
Chloé receives nothing.

Marion replies to Karim's message:
    hide
Marion receives from the postman:
    Take this back from everyone? YES · NO
    Karim: “Buy my watches!”
Marion replies:
    yes
Marion receives from the postman:
    It is taken back, and will not be sent to anyone any more. 1 reader has it in a mail, which cannot be called back.
Chloé no longer shows "Buy my watches!".
Karim receives from the postman:
    Marion has taken this message of yours back from everyone:
    “Buy my watches!”
    A question about it: CONTACT.
