# On Monday at nine the organizers read how things stand: what waits, which question nobody answered, what could not go on, the backups.
It is Wednesday 4 March 2026, 18:00.
[Marion]  telegram, organizer
[Amina]   telegram
[Bruno]   email
[Karim]   telegram

Amina says:
    Who has the key of the hall?
Marion and Karim and Bruno receive from Amina:
    Who has the key of the hall?
Amina says:
    Shall we meet on the 12th?
Marion and Karim and Bruno receive from Amina:
    Shall we meet on the 12th?
Karim replies to Amina's "12th":
    Yes!
Amina and Marion and Bruno receive from Karim:
    Yes!

One day later:
Bruno can no longer be reached by email.
Amina says:
    Till then.
Marion and Karim receive from Amina:
    Till then.
Marion says:
    hold Karim 9d
Marion receives from the postman:
    What Karim writes waits for an organizer until …
Karim receives from the postman:
    Until … an organizer reads what you write before it goes to everyone. …
Karim says:
    Buy my watches.
Karim receives from the postman:
    Your message waits until an organizer has read it. …
Marion receives from the postman:
    Karim:
    “Buy my watches.”
    …
One hour later:
Marion receives from the postman:
    1 message could not go on. STATE says which, and what can be done.
Amina receives from the postman:
    1 member did not get your message: …
14 hours later:
Karim receives from the postman:
    What you wrote still waits: …
2 days later:
Nobody receives anything.
At 9:00:
Marion receives from the postman:
    How things stand, Monday 9 March
    4 new members
    1 matter waits for your yes or no: WAITING.
    1 question has had no answer for three days:
    “Who has the key of the hall?”
    1 message could not go on this week: STATE.
    Nothing reaches 1 member: STATE.
    No backup has been made yet
    No backup has been proved yet
