# "new" begins a thread with a title: it holds the room for two hours of silence, then the day's talk goes on.
[Amina, Karim]  telegram, in the hall
[Bruno]  email

Amina says in the hall:
    Good evening everybody
Bruno receives from Amina, in thread "The hall, Tuesday 3 March":
    Good evening everybody

Amina says in the hall:
    /new Picnic on 14 June
    Who brings glasses?
Amina receives from the postman:
    “Picnic on 14 June” is begun. …
Bruno receives from Amina, in thread "Picnic on 14 June":
    Who brings glasses?

Karim says in the hall:
    I bring six.
Bruno receives from Karim, in thread "Picnic on 14 June":
    I bring six.

3 hours later:
Karim says in the hall:
    Good night!
Bruno receives from Karim, in thread "The hall, Tuesday 3 March":
    Good night!

Bruno replies to Karim's "I bring six":
    And I bring the wine.
The hall receives from Bruno, in thread "Picnic on 14 June", under Karim's message, with the quote "Karim: I bring six.":
    And I bring the wine.
