# Marion takes invitations back: by its number, by the code. Whoever answers yes to one of these afterwards is told what
# everybody is told of a code that is not good, and nobody is let in.
[Marion]  telegram
[Karim]   signal, not a member, in English
[Zoé]     email, not a member, in English

Marion says:
    invite: Karim
Marion receives from the postman:
    An invitation to Reading Circle, good for 30 days: {code}
    …
Marion says:
    invite Zoé M. <{Zoé's address}>
Marion receives from the postman:
    I write to that address, …
Zoé receives from the postman:
    Hello! …
Karim says:
    {code}
Karim receives from the postman:
    Hello! I am the postman of Reading Circle, …

Marion says:
    invited
Marion receives from the postman:
    Your invitations to Reading Circle:
    1. Karim: no answer yet, since Tuesday 3 March
    2. Zoé M.: no answer yet, since Tuesday 3 March
    To take one back: UNINVITE and its number.
Marion says:
    uninvite {code}
Marion receives from the postman:
    Taken back (Karim): a YES no longer counts.
Marion says:
    uninvite 2
Marion receives from the postman:
    Taken back (Zoé M.): a YES no longer counts.

Karim says:
    yes
Karim receives from the postman:
    I do not know this code, or it is no longer good. …
Zoé replies:
    Yes
Zoé receives from the postman:
    I do not know this code, or it is no longer good. …
Marion says:
    invited
Marion receives from the postman:
    Nobody is invited to Reading Circle just now. To bring somebody in: INVITE
