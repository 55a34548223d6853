# A room is named for notices: there organizers read together that a channel is away. What names somebody stays private.
[Marion, Anne]  telegram, organizer, in le bureau
[Karim]         telegram
[Chloé]         signal

Marion says in le bureau:
    /salon annonces
Le bureau receives from the postman:
    From now on this room reads what the organizers are told: … What names somebody goes to each organizer alone. To end that: /room notices

Signal is away.
11 minutes later:
Le bureau receives from the postman:
    Signal has been away since 6 pm. I try again by myself, nothing is lost. If it lasts for an hour, whoever has another address and agreed to it is told there meanwhile.
Signal is back.
4 minutes later:
Le bureau receives from the postman:
    Signal is back. It was away from 6 pm to 6:11 pm; what waited is leaving now.

Karim says:
    contact: I am ill, do not tell anybody.
Karim receives from the postman:
    Your words have gone to the organizers, to nobody else. …
Marion and Anne receive from the postman:
    Karim writes to the organizers:
    I am ill, do not tell anybody.
    …

Anne says in le bureau:
    /room notices
Le bureau receives from the postman:
    From now on the organizers are told such things alone again.
One day later:
Signal is away.
11 minutes later:
Marion and Anne receive from the postman:
    Signal has been away since 6:15 pm. …
