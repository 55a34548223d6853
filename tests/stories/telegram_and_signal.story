# Amina has Telegram, Chloé has Signal: they talk, each in her own private chat with the postman.
Played over the wire too.

[Amina]  telegram
[Chloé]  signal, in French

Amina says:
    Who has the new Morrison?

Chloé receives from Amina, in thread "Reading Circle, Tuesday 3 March":
    Who has the new Morrison?

Chloé replies:
    Moi ! Je te le prête samedi.

Amina receives from Chloé, under Amina's message:
    Moi ! Je te le prête samedi.

Amina replies:
    Perfect, thank you.

Chloé receives from Amina, under Chloé's message:
    Perfect, thank you.
