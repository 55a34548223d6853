# People write in short lines: each is shown back, and one YES answers all that was written in one go.
[Inès]   telegram, new here
[Karim]  signal

Inès says:
    Hello everybody
Inès receives from the postman:
    Shall I send it to all of Reading Circle (2 people, of whom 1 by Signal)? …
    “Hello everybody”
Inès says:
    I am Inès
Inès receives from the postman:
    Shall I send it …
    “I am Inès”
Karim receives nothing.
Inès says:
    yes
Inès receives from the postman:
    Sent to everyone. From now on I send what you write here without asking.
Karim receives from the postman:
    #1 Inès: Hello everybody
    #2 Inès: I am Inès
