# Marion pastes the addresses as she has them. Each gets one mail; what cannot be read is listed back; the name beside an
# address is proposed to whoever joins.
[Marion]  telegram
[Karim]   email, not a member, in English
[Zoé]     email, not a member, in English

Marion says:
    invite:
    Karim Benali <{Karim's address}>; {Zoé's address}
    chloe@example
    - {Karim's address}
Marion receives from the postman:
    I write to these 2 addresses, once, unless they are here already or were invited before. I will tell you who joins.
    I cannot read: chloe@example.
    Twice in your list, written to once: …
Karim and Zoé receive from the postman:
    Hello! I am the postman of Reading Circle, …
    Marion invites you. …

Karim replies:
    Yes
Karim receives from the postman:
    Welcome, Karim Benali! (Another name? NAME: Karim B.)
    …
Marion receives from the postman:
    Karim Benali, whom you invited, is now in Reading Circle.
Zoé receives nothing.
