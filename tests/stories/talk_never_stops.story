# While people talk on, the grouped mail waits for silence, but never longer than two hours.
[Amina]  telegram, in the hall
[Josette]  email, grouped

Amina says in the hall:
    One
14 minutes later:
Amina says in the hall:
    Two
Josette receives nothing.
14 minutes later:
Josette receives nothing.
2 minutes later:
Josette receives from Amina:
    #1 … Amina
    One

    #2 … Amina
    Two
