# Karim reads in the hall, so nothing comes to him in private. He wants it by mail too, and says so with a button; then
# he has enough of it.

[Amina]  telegram, in the hall
[Karim]  telegram, in the hall, also email
[Chloé]  signal

Chloé says:
    First
The hall receives from Chloé:
    First
Karim receives nothing.

Karim says:
    receive {Karim's address}
Karim receives from the postman by telegram:
    I have written to …
Karim receives from the postman by email:
    …
Karim replies by email:
    OK
Karim receives from the postman by email:
    From now on you receive everything by mail. …
    You are in “the hall” and read everything there, so I do not send it to you again. Shall I send it to you by mail too? YES · NO
Karim receives from the postman by telegram:
    From now on you receive everything by mail. …
Chloé says:
    Second
The hall receives from Chloé:
    Second
Karim receives nothing.

Karim says by telegram:
    elsewhere too
Karim receives from the postman by telegram:
    You receive the messages by mail too, besides “the hall”. To end that: receive in the room only
Chloé says:
    Third
The hall receives from Chloé:
    Third
16 minutes later:
Karim receives from Chloé by email:
    Third

Karim says by telegram:
    receive in the room only
Karim receives from the postman by telegram:
    From now on you read everything in “the hall”, and I send it nowhere else. …
Chloé says:
    Fourth
The hall receives from Chloé:
    Fourth
16 minutes later:
Karim receives nothing.
