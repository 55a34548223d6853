# The program is started again while Signal is away, and once more when it is back: each is told once all the same.
[Marion]  telegram, organizer
[Anne]    signal, organizer, linked to telegram
[Karim]   signal

Signal is away.
5 minutes later:
The program starts again.
Nobody receives anything.
6 minutes later:
Marion receives from the postman:
    Signal has been away since 6 pm. …
Anne receives from the postman by telegram:
    Signal has been away since 6 pm. …
The program starts again.
20 minutes later:
Nobody receives anything.
Signal is back.
The program starts again.
Nobody receives anything.
4 minutes later:
Marion receives from the postman:
    Signal is back. It was away from 6 pm to 6:31 pm; what waited is leaving now.
Anne receives from the postman by signal:
    Signal is back. …
30 minutes later:
Nobody receives anything.
