# A group that reads along: it shows what members write, and nothing of what is said there leaves it.

[the yard]  room on telegram, not bound
[Marion]    telegram, organizer, in the yard
[8 others]  telegram, in the yard, not a member
[Chloé]     signal

Marion says in the yard:
    /room in
The yard receives from the postman:
    From now on this group receives what the members of Reading Circle write. What is written here stays here: it is neither carried anywhere nor kept.
    The details: /privacy
    Set up by Marion.
Marion receives from the postman:
    “the yard” is now a room. …

Chloé says:
    The library opens at nine.
The yard receives from Chloé:
    The library opens at nine.
Other 3 replies to Chloé's message in the yard:
    Who is that?
Nobody receives anything.
