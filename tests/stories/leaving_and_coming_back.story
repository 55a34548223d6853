# Karim leaves: nothing is sent to him any more, at once. It was a mistake; within seven days a word brings him back.
[Amina]  signal
[Karim]  telegram

Karim says:
    leave
Karim receives from the postman:
    Leave Reading Circle? You will receive nothing any more, on any of your addresses. YES · NO
Karim presses "YES".
Karim receives from the postman:
    You have left Reading Circle. Nothing will be sent to you any more.
    What you wrote stays in the threads, under your name; you are no longer on the list of members.
    Was it a mistake? UNDO, within 7 days, and all is as before.

Amina says:
    Where is Karim?
Karim receives nothing.

2 days later:
Karim says:
    undo
Karim receives from the postman:
    You are back in Reading Circle, as before. What was written in between was not sent to you.

Amina says:
    There he is!
Karim receives from Amina:
    There he is!
