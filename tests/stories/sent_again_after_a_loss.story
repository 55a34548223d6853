# The machine is lost right after its backup: what waited has not been sent, and leaves when that is decided.
[Amina]  telegram
[Josette]  email, grouped

Amina says:
    Beloved in March?

The machine is backed up.

The machine is lost, and starts again from its backup.

2 hours later:
Nobody receives anything.

Whoever runs it lets everything leave.

Josette receives from Amina:
    Beloved in March?
