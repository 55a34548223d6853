# What waited in the backup was sent before the machine was lost: it is given up, and nobody reads it twice.
[Amina]  telegram
[Josette]  email, grouped

Amina says:
    Beloved in March?

The machine is backed up.

16 minutes later:
Josette receives from Amina:
    Beloved in March?

The machine is lost, and starts again from its backup.

2 hours later:
Nobody receives anything.

Whoever runs it lets leave what is new.

2 hours later:
Nobody receives anything.
