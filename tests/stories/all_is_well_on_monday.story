# On Monday at nine the organizers read one line, because all is well; once, though the program starts again a minute later.
It is Sunday 8 March 2026, 18:00.
[Marion]  telegram, organizer
[Anne]    email, organizer, in French
[Bruno]   signal

The machine is backed up, here and elsewhere.
The backup is proved.
At 8:55:
Nobody receives anything.
At 9:00:
Marion receives from the postman:
    All is well: 3 new members, last backup: Sunday 8 March at 6 pm, last proof that one restores: Sunday 8 March at 6 pm.
Anne receives from the postman, in thread "Où en sont les choses, lundi 9 mars":
    Tout va bien : 3 nouveaux membres, dernière sauvegarde : dimanche 8 mars à 18 h, dernière preuve qu'on peut s'en servir : dimanche 8 mars à 18 h.
The program starts again.
One minute later:
Nobody receives anything.
At 8:59:
Nobody receives anything.
At 9:00:
Nobody receives anything.
