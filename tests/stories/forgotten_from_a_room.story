# Eve never joined; she spoke in a room. In private she asks to be forgotten, and what she said there is signed by nobody.
[the hall]  room on telegram
[Amina]  telegram, in the hall, organizer
[Eve]    telegram, in the hall, not a member
[Bruno]  email

Eve says in the hall:
    I only came to listen.
Bruno receives from Eve:
    I only came to listen.

Eve says:
    forgetme
Eve receives from the postman:
    From now on nothing you write is carried, and nothing is sent to you.
    On … I erase your addresses, your name, and everything else I keep of you. …
    You are still in the hall. Once I have forgotten you, I carry what you say there like that of anybody there: leave the group, or write /notme there.
    What shall become of your messages?
    …
Eve says in the hall:
    Nobody hears this.
Bruno receives nothing.
Eve says:
    2
Eve receives from the postman:
    Your messages will be erased too, on … Until then: UNDO.

3 days later:
Eve receives from the postman:
    I have forgotten you. …
    1 message of yours is erased.
    …
