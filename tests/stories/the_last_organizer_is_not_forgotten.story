# The only organizer cannot be forgotten before there is another one, or nobody could look after the others.
[Amina]  telegram, organizer
[Karim]  signal

Amina says:
    forgetme
Amina receives from the postman:
    You are the only organizer of Reading Circle who can be reached: there must be another one before I forget you. Whoever runs the server makes one, with the command filcommun organizer-code.
Karim says:
    You are still with us!
Amina receives from Karim:
    You are still with us!
