# Karim answers a question of the postman's with words that are no answer: nobody else reads them unless he says so.
[Amina]  signal
[Karim]  telegram
[Bruno]  email

Karim says:
    leave
Karim receives from the postman:
    Leave Reading Circle? …
Karim replies to the postman's message:
    because Paul is horrible
Karim receives from the postman:
    Is this for everyone? YES · NO
    “because Paul is horrible”
Karim says:
    no
Karim receives from the postman:
    …

Karim replies to the postman's "Leave Reading Circle":
    12
Karim receives from the postman:
    Is this for everyone? …
Nobody receives anything.

Bruno says:
    leave
Bruno receives from the postman:
    Leave Reading Circle? …
Bruno replies:
    because Paul is horrible
Bruno receives from the postman:
    Is this for everyone? …
Bruno replies to the postman's "Leave Reading Circle":
    yes
Bruno receives from the postman:
    …

Amina says:
    link
Amina receives from the postman:
    … within 15 minutes: {code}. …
Karim says:
    {code}
Karim receives from the postman:
    This code joins you to Amina (Reading Circle). …
Karim replies:
    Who is Amina? I only wanted a book.
Karim receives from the postman:
    Is this for everyone? …
Karim says:
    yes
Karim receives from the postman:
    Sent to everyone.
Amina receives from Karim:
    Who is Amina? I only wanted a book.
