# The very first thing Inès writes begins a thread. It is shown back; two days later she has forgotten, and it is gone.
# The second time she says yes, and it is begun as she meant it.
[Inès]   telegram, new here
[Karim]  signal

Inès says:
    /new Picnic on 14 June
    Who brings glasses?
Inès receives from the postman:
    Shall I send it to all of Reading Circle …
    “Picnic on 14 June Who brings glasses?”
2 days later:
Inès says:
    yes
Inès receives from the postman:
    Shall I send it to all of Reading Circle …
    “yes”
Inès presses "NO".
Inès receives from the postman:
    As you wish: I have sent it to nobody.

Inès says:
    /new Picnic on 14 June
    Who brings glasses?
Inès receives from the postman:
    Shall I send it to all of Reading Circle …
Inès presses "YES".
Inès receives from the postman:
    “Picnic on 14 June” is begun. …
Karim receives from Inès, in thread "Picnic on 14 June":
    Who brings glasses?
