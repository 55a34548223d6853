# Zoé asks to be forgotten with all she wrote: what apps still give back is taken back, what nobody can take back is said.
[Amina]  telegram, organizer
[Zoé]    telegram
[Bruno]  email
[Chloé]  telegram

Zoé says:
    My telephone is in the blue box.
Amina, Bruno and Chloé receive from Zoé:
    My telephone is in the blue box.
Chloé replies:
    Which box?
Amina, Zoé and Bruno receive from Chloé:
    Which box?

Zoé says:
    forget me
Zoé receives from the postman:
    …
Zoé presses "2".
Zoé receives from the postman:
    Your messages will be erased too, on Friday 6 March at 6 pm. Until then: UNDO.

3 days later:
Zoé receives from the postman:
    I have forgotten you. …
    1 message of yours is erased.
    I cannot take back: 2 copies on the devices of others; 1 copy in mails that have arrived; … From the devices they are removed where the apps still allow it.
    Farewell.
Amina and Chloé now read "(message taken back by its author)" in place of "blue box".

Bruno replies to Zoé's message:
    Found it, thank you.
Amina and Chloé receive from Bruno:
    Found it, thank you.
