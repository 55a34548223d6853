# The only organizer cannot leave; with another one there, she can.
[Marion]  telegram, organizer
[Karim]   signal

Marion says:
    leave
Marion receives from the postman:
    You are the only organizer of Reading Circle who can be reached: there must be another one before you leave. …
Karim says:
    Is Marion still there?
Marion receives from Karim:
    Is Marion still there?
