# Once a week organizers are reminded that the copies lie where everything else lies.
[Anne]  telegram, organizer
[Bruno]  email

1 hour later:
Nobody receives anything.

The machine is backed up.

1 hour later:
Anne receives from the postman:
    Our messages are copied every night, but the copies lie on the same machine: if it is lost, so are they. …

2 days later:
Nobody receives anything.

6 days later:
Anne receives from the postman:
    Our messages are copied every night, …
