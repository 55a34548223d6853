# Three members find that a message should not stand: it is hidden, nobody learns who they are, and Marion decides.

[Marion]  telegram, organizer
[Karim]   telegram
[Chloé]   signal
[Bruno]   telegram
[Inès]    signal

Karim says:
    You are idiots.
Marion, Chloé, Bruno and Inès receive from Karim:
    You are idiots.

Chloé replies:
    report
Chloé receives from the postman:
    Noted, thank you. The organizers look at it; nobody learns that it was you.
Marion receives from the postman:
    Karim:
    “You are idiots.”
    A member finds that this should not stand. It is still shown.
    OK: it stands · NO: it is taken back. (Answer this message.)

Bruno replies:
    report
Bruno receives from the postman:
    Noted, thank you. The organizers look at it; nobody learns that it was you.
Inès replies:
    report
Inès receives from the postman:
    Noted, thank you. The organizers look at it; nobody learns that it was you.
Marion receives from the postman:
    Karim:
    “You are idiots.”
    Members found that this should not stand. It is hidden for 24 hours at most, then it is shown again.
    OK: it stands · NO: it is taken back. (Answer this message.)
Karim receives from the postman:
    Several members find that this message of yours should not stand. It is hidden until an organizer has looked at it, for 24 hours at most:
    “You are idiots.”
    A question about it: CONTACT.
Chloé, Bruno and Inès now read "(hidden for now: an organizer will look at it)" in place of "You are idiots.".

Marion presses "NO".
Marion receives from the postman:
    It is taken back.
Chloé no longer shows "You are idiots.".
Bruno no longer shows "You are idiots.".
Karim receives from the postman:
    Marion has taken this message of yours back from everyone:
    “You are idiots.”
    A question about it: CONTACT.
