# Amina has Telegram, Bruno only has mail: each answers under the other's message.
Played over the wire too.

[Amina]  telegram
[Bruno]  email, in French

Amina says:
    Shall we meet on Saturday?

Bruno receives from Amina, in thread "Reading Circle, Tuesday 3 March":
    Shall we meet on Saturday?

Bruno replies:
    Samedi, je ne peux pas.

Amina receives from Bruno, under Amina's message:
    Samedi, je ne peux pas.

Amina replies:
    Sunday then?

Bruno receives from Amina, under Bruno's message:
    Sunday then?
