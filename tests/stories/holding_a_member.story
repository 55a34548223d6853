# For two days Marion reads first what Karim writes, wherever he writes it. Nobody answers for twelve hours, and he is told.

[Marion]  telegram, organizer
[Karim]   signal
[Chloé]   telegram

Marion says:
    hold Karim 2d
Marion receives from the postman:
    What Karim writes waits for an organizer until Thursday 5 March at 6…
Karim receives from the postman:
    Until Thursday 5 March at 6… an organizer reads what you write before it goes to everyone. A question about it: CONTACT.

Karim says:
    You are all wrong.
Karim receives from the postman:
    Your message waits until an organizer has read it. I will tell you what becomes of it.
Marion receives from the postman:
    Karim:
    “You are all wrong.”
    You wanted to read what this person writes before it leaves.
    OK: it goes to everyone · NO: it goes to nobody. (Answer this message.)
Chloé receives nothing.

13 hours later:
Karim receives from the postman:
    What you wrote still waits: no organizer has looked at it for twelve hours. CONTACT reaches them.

Marion says:
    waiting
Marion receives from the postman:
    1 matter waits for your yes or no.
    Karim:
    “You are all wrong.”
    OK: it goes to everyone · NO: it goes to nobody. (Answer this message.)
Marion presses "NO".
Marion receives from the postman:
    It goes to nobody.
Karim receives from the postman:
    Marion has decided that this goes to nobody:
    “You are all wrong.”
    A question about it: CONTACT.

2 days later:
Karim says:
    I have thought about it.
Marion and Chloé receive from Karim:
    I have thought about it.
