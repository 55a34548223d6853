# Bruno's mailbox is no more: the very message that came back goes to Telegram at once, and says why. Nobody else notices.
Played over the wire too.

[Amina]  signal
[Bruno]  email, linked to telegram, in French

Bruno can no longer be reached by email.
Amina says:
    Beloved in March?
Bruno receives from the postman by telegram:
    Je n'arrive plus à vous joindre par le mail : désormais, vous recevez les messages ici. Dès que vous m'écrirez de là-bas, ils y reviendront.
Bruno receives from Amina by telegram:
    Beloved in March?
Bruno replies to Amina's message by telegram:
    Oui, avec plaisir.
Amina receives from Bruno, under Amina's message:
    Oui, avec plaisir.
Amina says:
    Or in April?
Bruno receives from Amina by telegram:
    Or in April?
