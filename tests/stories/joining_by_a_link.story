# Marion's invitation is a link as well: Karim opens it, and need not type anything.
Played over the wire too.

[Marion]  signal
[Karim]   telegram, not a member

Marion says:
    invite
Marion receives from the postman:
    An invitation to Reading Circle, good for 30 days: {code}
    …
    Telegram: {link}
    The person opens one of these, or sends me the code. Nothing is sent to them before they say yes.

Karim opens the invitation {link}.
Karim receives from the postman:
    Hello! I am the postman of Reading Circle, …
Karim says:
    no
Karim receives from the postman:
    As you wish. You will receive nothing from Reading Circle. …

Marion says:
    Is Karim coming?
Karim receives nothing.
