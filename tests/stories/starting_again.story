# The machine is lost and starts again from its backup: nothing leaves by itself, and an old mail can still be answered.
[Amina]  telegram
[Bruno]  email, in French

Amina says:
    Beloved in March?

Bruno receives from Amina:
    Beloved in March?

The machine is backed up.

Amina says:
    Or in April?

Bruno receives from Amina:
    Or in April?

The machine is lost, and starts again from its backup.

Nobody receives anything.

Bruno replies to Amina's "Beloved":
    Oui, avec plaisir.

Nobody receives anything.

Whoever runs it lets leave what is new.

Amina receives from Bruno, under Amina's "Beloved":
    Oui, avec plaisir.
