# Karim changes the name others see; what is shown from then on carries it.
[Amina]  signal
[Karim]  telegram, in French

Karim says:
    nom : Karim B.
Karim receives from the postman:
    …Karim B.…
Karim says:
    Bonjour
Amina receives from Karim B.:
    Bonjour
Karim says:
    lang en
Karim receives from the postman:
    From now on I speak English with you.
Karim says:
    pace
Karim receives from the postman:
    Your pace is each. …
