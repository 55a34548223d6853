# Karim leaves the room; the answer to something he only saw there reaches his private chat with a readable quote,
# the quote in the reader's own manner.
[Amina, Karim]  telegram, in the hall, in French
[Bruno]  email

Amina says in the hall:
    Beloved in March?
Bruno receives from Amina:
    Beloved in March?

Karim leaves the hall.

Bruno replies:
    With pleasure.
The hall receives from Bruno, under Amina's message:
    With pleasure.
Karim receives from Bruno, with the quote "Amina : Beloved in March?":
    With pleasure.
