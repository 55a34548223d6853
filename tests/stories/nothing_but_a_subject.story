# A mail with nothing but a subject is not lost: "help" and "stop" are what the buttons of mail programs send, and
# other words are a message to everybody.
Played over the wire too.

[Amina]  telegram
[Bruno]  email

Bruno sends a mail with nothing but the subject "help".
Bruno receives from the postman:
    contact: …

Bruno sends a mail with nothing but the subject "stop".
Bruno receives from the postman:
    Leave Reading Circle? …

Bruno sends a mail with nothing but the subject "The meeting tonight is off".
Amina receives from Bruno, in thread "The meeting tonight is off":
    The meeting tonight is off
