# Karim is forgotten after the last backup; the machine is lost and starts again from that backup, and he stays forgotten.
[Amina]  telegram, organizer
[Karim]  telegram
[Bruno]  email

Karim says:
    I can lend Beloved.
Amina and Bruno receive from Karim:
    I can lend Beloved.

The machine is backed up.

Karim says:
    forgetme
Karim receives from the postman:
    From now on nothing is sent to you…
Karim says:
    1
Karim receives from the postman:
    Your messages will stay…
3 days later:
Karim receives from the postman:
    I have forgotten you. …

Amina receives from the postman:
    Our messages are copied every night, but …

The machine is lost, and starts again from its backup.
Whoever runs it lets leave what is new.
Nobody receives anything.

Amina says:
    Who has Beloved?
Bruno receives from Amina:
    Who has Beloved?
Karim receives nothing.
Bruno replies to Karim's message:
    Not me.
Amina receives from the postman, under Karim's message:
    former member: I can lend Beloved.
    Bruno: Not me.
