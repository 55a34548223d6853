# Marion ends Karim's membership: he gets nothing more and is heard nowhere, not in the room either; the log says who did it.

[the hall]  room on telegram
[Marion]  telegram, organizer
[Karim]   telegram, in the hall
[Chloé]   signal

Marion says:
    remove Karim
Marion receives from the postman:
    Remove Karim from Reading Circle? Nothing is sent to them any more, and nothing they write is carried, on any channel. What they wrote stays. YES · NO
Marion presses "YES".
Karim receives from the postman:
    The organizers have decided that you are no longer a member of Reading Circle. Nothing is sent to you any more, and what you write is carried to nobody. If you think that is a mistake, please speak with one of them.
Marion receives from the postman:
    Karim is removed. Only an organizer can invite them again. They are still in the hall: what they say there stays there. To remove them from a group, do it there.

Karim says in the hall:
    I am still here!
Nobody receives anything.
Chloé says:
    Is Karim gone?
Marion receives from Chloé:
    Is Karim gone?
The hall receives from Chloé:
    Is Karim gone?

Marion says:
    log
Marion receives from the postman:
    …Marion removed Karim
Chloé says:
    /log
Chloé receives from the postman:
    Only the organizers can do that.
Marion says:
    log members
Marion receives from the postman:
    From now on every member may read it: LOG.
Chloé says:
    /log
Chloé receives from the postman:
    …Marion removed Karim
    …Marion opened this log to all members
