# Ten messages further on the answer still stands under its question alone; one more, and it brings the question's words.
[Amina]  telegram, in the hall
[Chloé]  signal

Amina says in the hall:
    Who has the key of the library?
Chloé receives from Amina:
    Who has the key of the library?
Amina says in the hall:
    The first of ten.
Chloé receives from Amina:
    The first of ten.
Amina says in the hall:
    And two.
Chloé receives from Amina:
    And two.
Amina says in the hall:
    And three.
Chloé receives from Amina:
    And three.
Amina says in the hall:
    And four.
Chloé receives from Amina:
    And four.
Amina says in the hall:
    And five.
Chloé receives from Amina:
    And five.
Amina says in the hall:
    And six.
Chloé receives from Amina:
    And six.
Amina says in the hall:
    And seven.
Chloé receives from Amina:
    And seven.
Amina says in the hall:
    And eight.
Chloé receives from Amina:
    And eight.
Amina says in the hall:
    And nine.
Chloé receives from Amina:
    And nine.
Amina says in the hall:
    And ten.
Chloé receives from Amina:
    And ten.

Chloé replies to Amina's "Who has the key":
    I have, I think.
The hall receives from Chloé, under Amina's "Who has the key":
    I have, I think.

Chloé replies to Amina's "Who has the key":
    Yes, it is here.
The hall receives from Chloé, under Amina's "Who has the key", with the quote "Amina: Who has the key of the library?":
    Yes, it is here.
