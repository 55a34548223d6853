"""Names that look like others: what remains of a name when everything is taken away that an eye passes over (facts X8)."""

from __future__ import annotations

import unicodedata
from typing import Final

from bot.text.fold import fold

#: Letters of other alphabets, and signs, by the Latin letter they are taken for. Capitals have shapes of their own.
_CAPITALS: Final = str.maketrans({
    "І": "i", "Ι": "i", "А": "a", "Α": "a", "В": "b", "Β": "b", "С": "c", "Ϲ": "c", "Е": "e", "Ε": "e", "Н": "h", "Η": "h",
    "Ј": "j", "К": "k", "Κ": "k", "М": "m", "Μ": "m", "Ν": "n", "О": "o", "Ο": "o", "Р": "p", "Ρ": "p", "Ѕ": "s", "Т": "t",
    "Τ": "t", "У": "y", "Υ": "y", "Х": "x", "Χ": "x", "Ζ": "z", "Ԛ": "q", "Ԝ": "w", "Ԍ": "g",
    "$": "s", "0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "1": "i", "|": "i",
})  # fmt: skip
_SMALL: Final = str.maketrans({
    "а": "a", "α": "a", "ɑ": "a", "с": "c", "ϲ": "c", "ԁ": "d", "е": "e", "ε": "e", "ɡ": "g", "һ": "h", "і": "i", "ι": "i",
    "ɩ": "i", "ӏ": "i", "ј": "j", "к": "k", "κ": "k", "м": "m", "ո": "n", "η": "n", "п": "n", "о": "o", "ο": "o", "σ": "o",
    "օ": "o", "р": "p", "ρ": "p", "ԛ": "q", "г": "r", "ѕ": "s", "т": "t", "τ": "t", "υ": "u", "ս": "u", "μ": "u", "ν": "v",
    "ѵ": "v", "ԝ": "w", "ω": "w", "х": "x", "χ": "x", "у": "y", "γ": "y", "в": "b", "β": "b", "н": "h",
})  # fmt: skip
#: Two letters that are one at a glance.
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))


def bones(name: str) -> str:
    """What is left of a name at a glance: "Mаrіоn" (with Cyrillic letters), "MARI0N" and "M. a r i o n ✓" are all "marion"."""
    plain = fold(unicodedata.normalize("NFKC", name).translate(_CAPITALS)).translate(_SMALL)
    for pair, one in _PAIRS:
        plain = plain.replace(pair, one)
    return "".join(char for char in plain if char.isalpha())


def looks_like(name: str, other: str) -> bool:
    """Would somebody who reads in a hurry take one for the other?"""
    return bool(bones(other)) and bones(name) == bones(other)
