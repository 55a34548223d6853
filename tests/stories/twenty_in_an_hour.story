# Marion pastes 23 addresses. Twenty mails leave in an hour; the other three an hour later, by themselves.
[Marion]     telegram
[23 others]  email, not a member, in English

Marion says:
    invite:
    {Other 1's address}
    {Other 2's address}
    {Other 3's address}
    {Other 4's address}
    {Other 5's address}
    {Other 6's address}
    {Other 7's address}
    {Other 8's address}
    {Other 9's address}
    {Other 10's address}
    {Other 11's address}
    {Other 12's address}
    {Other 13's address}
    {Other 14's address}
    {Other 15's address}
    {Other 16's address}
    {Other 17's address}
    {Other 18's address}
    {Other 19's address}
    {Other 20's address}
    {Other 21's address}
    {Other 22's address}
    {Other 23's address}
Marion receives from the postman:
    I write to these 23 addresses, … 20 leave now, 3 later: 20 in an hour, the last one about 7 pm.
Other 1, Other 2, Other 3, Other 4, Other 5, Other 6, Other 7, Other 8, Other 9, Other 10, Other 11, Other 12, Other 13, Other 14, Other 15, Other 16, Other 17, Other 18, Other 19 and Other 20 receive from the postman:
    Hello! …
    Marion invites you. …
Other 21, Other 22 and Other 23 receive nothing.

59 minutes later:
Nobody receives anything.
2 minutes later:
Other 21, Other 22 and Other 23 receive from the postman:
    Hello! …
    Marion invites you. …

2 days later:
Nobody receives anything.
