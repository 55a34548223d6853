# Amina, who organizes, has a sheet printed. Its code brings in whoever uses it, until she takes it back.
Played over the wire too.

[Amina]  telegram, organizer
[Bruno]  email
[Karim]  signal, not a member, in English
[Inès]   telegram, not a member, in English
[Paul]   email, not a member, in English

Bruno says, with the subject "sheet":
    /invite sheet
Bruno receives from the postman:
    Only the organizers can do that.
Amina says:
    invite sheet
Amina receives from the postman:
    Here is a page to print for Reading Circle. Its code, {code}, brings in everybody who uses it until you write UNINVITE …

Karim says:
    {code}
Karim receives from the postman:
    Hello! …
    Amina invites you. …
Karim says:
    yes
Karim receives from the postman:
    Welcome, Karim! …
Amina receives from the postman:
    Karim, whom you invited, is now in Reading Circle.
Paul says, with the subject "Invitation: Reading Circle":
    {code}
Paul receives from the postman:
    Hello! …

Amina says:
    uninvite {code}
Amina receives from the postman:
    The code of that sheet lets nobody in any more. Please take the sheet down.
Inès says:
    {code}
Inès receives from the postman:
    I do not know this code, or it is no longer good. …
Paul replies:
    Yes
Paul receives from the postman:
    I do not know this code, or it is no longer good. …
Amina says:
    Karim, welcome!
Karim and Bruno receive from Amina:
    Karim, welcome!
