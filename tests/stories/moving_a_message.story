# A message fell into the wrong thread: its author moves it, and answers to it follow it there.
[Amina]  telegram, in the hall
[Bruno]  email

Bruno says, with the subject "Picnic on 14 June":
    Who brings glasses?
The hall receives from Bruno, in thread "Picnic on 14 June":
    Who brings glasses?
Amina says in the hall:
    And what do we read in June?
Bruno receives from Amina, in thread "The hall, Tuesday 3 March":
    And what do we read in June?

Amina replies to their own message in the hall:
    /move Picnic on 14 June
Amina receives from the postman:
    Moved to “Picnic on 14 June”. Answers to it go there too.

Bruno replies to Amina's message:
    Beloved.
The hall receives from Bruno, under Amina's message, in thread "Picnic on 14 June":
    Beloved.
