"""What a stranger's first words to many are looked at for: a way to somewhere else, a link or a telephone number.

No judgement of words, only of form. When in doubt it is none: what is found waits for a person to look at it.
"""

from __future__ import annotations

import re
from typing import Final

from bot.text.rich import Rich

#: Characters that are not seen, put between others so that nothing is found.
_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_SCHEME: Final = re.compile(r"(?i)\b(?:https?|hxxps?|ftp|tg|sgnl|mailto|tel|magnet|bitcoin)\s?:\s?\S")
#: "example.org", "t.me/x", "exemple dot com": a name, a dot and something that ends domains.
_DOMAIN: Final = re.compile(
    r"(?i)(?<![\w@.])(?:[\w-]{1,63}(?:\.|\s?[\[(]\s?(?:dot|point|\.)\s?[\])]\s?)){1,5}"
    r"(?:com|org|net|info|biz|io|me|co|app|dev|xyz|top|shop|site|online|store|link|club|live|ru|cn|fr|be|ch|de|es|it|uk|us|"
    r"eu|ca|nl|pl|pt|ly|gl|gg|tv|cc|ws|to|su|ua|in|pro|vip|fun|icu|bet|asia)(?![\w-])"
)
_MAIL: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,63}")
_HANDLE: Final = re.compile(r"(?<![\w/])@[A-Za-z]\w{4,31}\b")
#: "+33 6 12 34 56 78", "06.12.34.56.78", "(555) 123-4567": nine digits or more that are told as one number.
_NUMBER: Final = re.compile(r"(?<![\w/#:.,-])(?:\+|00|\(?0|\(?[2-9]\d\d\))[\d\s().\u00a0\u202f-]{7,24}\d(?![\w/:])")


def entices(text: Rich) -> bool:
    """Is there a link, a mail address, a name to write to or a telephone number in it? Linear in the text."""
    plain = _UNSEEN.sub("", text.text)
    if any(span.kind in ("link", "mention") for span in text.spans):
        return True
    if any(form.search(plain) for form in (_SCHEME, _MAIL, _DOMAIN, _HANDLE)):
        return True
    return any(9 <= sum(char.isdigit() for char in found[0]) <= 16 for found in _NUMBER.finditer(plain))
