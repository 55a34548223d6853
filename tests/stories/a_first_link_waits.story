# Somebody nobody invited writes a link in the room: it waits. Anne answers by mail, Marion is told, and then it is carried.

[the hall]  room on telegram
[Marion]  signal, organizer
[Anne]    email, organizer
[Eve]     telegram, in the hall, not a member
[Karim]   signal

Eve says in the hall:
    Good evening, I am Eve.
Karim, Marion and Anne receive from Eve:
    Good evening, I am Eve.

Eve says in the hall:
    My garden: https://garden.example.org/eve
Marion receives from the postman:
    Eve, in “the hall”:
    “My garden: https://garden.example.org/eve”
    There is a link, a file or a number in it, and nobody invited this person.
    OK: it goes to everyone · NO: it goes to nobody. (Answer this message.)
Anne receives from the postman:
    Eve, in “the hall”:
    “My garden: https://garden.example.org/eve”
    There is a link, a file or a number in it, and nobody invited this person.
    OK: it goes to everyone · NO: it goes to nobody. (Answer this message.)
Karim receives nothing.

Anne replies:
    OK
Anne receives from the postman:
    It has gone to everyone.
Marion receives from the postman:
    Anne has said yes to this, by Eve:
    “My garden: https://garden.example.org/eve”
Karim, Marion and Anne receive from Eve:
    My garden: https://garden.example.org/eve
