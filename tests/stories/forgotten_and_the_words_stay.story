# Karim asks to be forgotten: it stops at once. After three days he is erased, his messages stay without his name.
[Amina]  telegram, organizer
[Karim]  telegram
[Bruno]  email

Karim says:
    I can lend Beloved.
Amina and Bruno receive from Karim:
    I can lend Beloved.

Karim says:
    forgetme
Karim receives from the postman:
    From now on nothing is sent to you, and nothing you write is carried: in Reading Circle. It is about you everywhere; to go from one only, there is LEAVE.
    On … I erase your addresses, your name, and everything else I keep of you. Until then UNDO, from any address of yours, and all is as before.
    What shall become of your messages?
    1 They stay, signed “former member”, with what they tell of you.
    2 They are erased too, and taken back as far as the others' apps still allow.
    Without an answer I take it as 1. NO: it was a mistake.
Amina says:
    Where is Karim?
Bruno receives from Amina:
    Where is Karim?
Karim says:
    1
Karim receives from the postman:
    Your messages will stay, signed “former member”, from … on. Until then: UNDO.
Karim says:
    Are you there?
Karim receives from the postman:
    I was asked to forget you, and pass on nothing of yours. UNDO, until …, and all is as before.

3 days later:
Karim receives from the postman:
    I have forgotten you. Your addresses, your name and everything else I kept of you are erased; this address too, as soon as this message has left.
    1 message of yours stays, signed “former member”.
    I cannot take back: 1 copy on the devices of others; 1 copy in mails that have arrived; what others have quoted, answered or written down; what your messengers and mail providers keep themselves; the backups of the machine, 30 days at most.
    Farewell.

Amina replies to Karim's message:
    I would like to.
Bruno receives from Amina:
    I would like to.

1 hour later:
Karim says:
    Hello?
Karim receives from the postman:
    Hello. I carry the messages of a private group; …
