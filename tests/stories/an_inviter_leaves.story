# Bruno invites Zoé and leaves before she answers: whoever has left invites nobody.
[Amina]  telegram, organizer
[Bruno]  telegram
[Zoé]    email, not a member, in English

Bruno says:
    invite {Zoé's address}
Bruno receives from the postman:
    I write to that address, …
Zoé receives from the postman:
    Hello! …
Amina says:
    invited
Amina receives from the postman:
    Invitations to Reading Circle:
    1. z…: no answer yet, since Tuesday 3 March (invited by Bruno)
    To take one back: UNINVITE and its number.

Bruno says:
    leave
Bruno receives from the postman:
    Leave Reading Circle? …
Bruno says:
    yes
Bruno receives from the postman:
    You have left Reading Circle. …
Zoé replies:
    Yes
Zoé receives from the postman:
    I do not know this code, or it is no longer good. …
