# Bruno invites Dora, who has long been a member, and Paul, who is not. He reads the same of both; Dora is not written to.
[Bruno]  telegram
[Dora]   email
[Paul]   email, not a member, in English

Bruno says:
    invite {Dora's address}, {Paul's address}
Bruno receives from the postman:
    I write to these 2 addresses, once, unless they are here already or were invited before. I will tell you who joins.
Paul receives from the postman:
    Hello! …
Dora receives nothing.

Bruno says:
    invited
Bruno receives from the postman:
    Your invitations to Reading Circle:
    1. d…: no answer yet, since Tuesday 3 March
    2. p…: no answer yet, since Tuesday 3 March
    To take one back: UNINVITE and its number.
