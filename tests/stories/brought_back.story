# Karim's telephone is stolen, and it was all he had. An organizer says so, and brings him back on another one.
[Marion]  telegram, organizer
[Olga]    email, organizer
[Karim]   signal, also telegram

Marion says:
    lost Karim signal
Marion receives from the postman:
    Signal of Karim is lost or in other hands? …
Marion says:
    yes
Marion receives from the postman:
    Done. Karim cannot be reached any more: RECOVER and their name brings them back.
Karim says by signal:
    I have his telephone.
Nobody receives anything.

Marion says:
    recover Karim
Marion receives from the postman:
    Give this to Karim yourself, face to face or on the telephone: {way}. …
Olga receives from the postman:
    Marion has made a code that brings Karim back on another messenger or mailbox, …

Karim says by telegram:
    {way}
Karim receives from the postman by telegram:
    This code brings Karim back (Reading Circle): name, threads and messages. Is that you? YES · NO
Karim says by telegram:
    yes
Karim receives from the postman by telegram:
    Welcome back, Karim. You receive the messages here; …
Marion receives from the postman:
    Karim is back, by Telegram.
Olga receives from the postman:
    Karim is back, by Telegram.
