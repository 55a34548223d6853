# Somebody who was never invited writes: the postman says once a day how one comes in, and carries nothing.
# By mail, where anybody can pretend to be anybody, he says nothing at all.
Played over the wire too.

[Amina]  telegram
[Dario]  telegram, not a member
[Eve]    email, not a member

Dario says:
    Hello, is anybody there?
Dario receives from the postman:
    Hello. I carry the messages of a private group; …

Dario says:
    I only wanted to know.
Dario receives nothing.

Eve says, with the subject "Hello":
    Who are you?
Nobody receives anything.
