# Somebody guesses codes: each is answered in the same words, after five nothing is even looked at, and the organizers
# are told once.
[Marion]  email, organizer
[Dario]   telegram, not a member

Dario says:
    join ABC2-2XYZ
Dario receives from the postman:
    I do not know this code, or it is no longer good. Please ask for a new one where you got it.
Dario says:
    join ABC3-3XYZ
Dario receives from the postman:
    I do not know this code, …
Dario says:
    join ABC4-4XYZ
Dario receives from the postman:
    I do not know this code, …
Dario says:
    join ABC5-5XYZ
Dario receives from the postman:
    I do not know this code, …
Dario says:
    join ABC6-6XYZ
Dario receives from the postman:
    I do not know this code, …
Marion receives from the postman:
    Somebody has tried 5 wrong codes within an hour. …
Dario says:
    join ABC7-7XYZ
Dario receives from the postman:
    Too many wrong codes. Please try again in an hour.
