# Marion invites 22 people. Five say no: the two who still wait are not written to, and Marion is told how many, not who.
[Marion]     telegram
[22 others]  email, not a member, in English

Marion says:
    invite: {Other 1's address}, {Other 2's address}, {Other 3's address}, {Other 4's address}, {Other 5's address}, {Other 6's address}, {Other 7's address}, {Other 8's address}, {Other 9's address}, {Other 10's address}, {Other 11's address}, {Other 12's address}, {Other 13's address}, {Other 14's address}, {Other 15's address}, {Other 16's address}, {Other 17's address}, {Other 18's address}, {Other 19's address}, {Other 20's address}, {Other 21's address}, {Other 22's address}
Marion receives from the postman:
    I write to these 22 addresses, … 20 leave now, 2 later: …
Other 1, Other 2, Other 3, Other 4, Other 5, Other 6, Other 7, Other 8, Other 9, Other 10, Other 11, Other 12, Other 13, Other 14, Other 15, Other 16, Other 17, Other 18, Other 19 and Other 20 receive from the postman:
    Hello! …

Other 1 replies:
    No
Other 1 receives nothing.
Other 2 replies:
    Non merci
Other 2 receives nothing.
Other 3 replies:
    no, thanks
Other 3 receives nothing.
Other 4 replies:
    No.
Other 4 receives nothing.
Marion receives nothing.
Other 5 replies:
    STOP
Marion receives from the postman:
    5 of your invitations were answered NO or could not be delivered. I send no more of them for now. 2 that waited do not leave. INVITE alone still gives you a code to pass on yourself.
61 minutes later:
Nobody receives anything.

Marion says:
    invite somebody.new@example.org
Marion receives from the postman:
    Several people you invited said no. INVITE alone gives you a code to pass on yourself.
