"""Typing mistakes: which are forgiven, and which words are words of their own however near they come to a command."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

#: Ordinary words one or two slips away from a command word: the frequent words of English and French (two lists of
#: 130,000, folded) for which `one_slip` or `nearest` said yes without this. A new command word deserves a look too.
ORDINARY: Final = frozenset(
    """
    abandoned abandonna abandonne abandonnee abandonnees abandonnent abandonnera abandonnerai abandonnes abandonnez
    abide acide actresses address addressed addressee adresse adressee adressees adresser adressez agresses aided
    aidee aider aides aidez ajoute ajoutee ajoutera ajoutes ajoutez annular annule annulee annulera annules annulez
    ante aride aside avide belier binds blind command commandais commande commanded commandee commandeer commandees
    commandent commander commandera commanders commandeur commandez commandiez commando commandons commandos
    commences commended commends communes companies comrades confidentially contacte contacts contract dairy daisy
    dally dante deceive decevoir dedier defier delire delirer deliver deplace deplacee deplacera deplaces deplacez
    detache detached detachee detaches detachez devier doily dresses droop drops embers estate etait etant etats
    frequences frequencies frequency frequent frequente frequented frequentee frequenter frequentes frequentez
    frequents fuseaux gaily galon halon hante healthy hearth heath helps incite inciter invita invited invitee
    invitera invites invitez joins joint langage languages langues largue lease leaved leaves lifer limer liner
    links lire lisible liter litre liver longue mangue mante meekly member membre morve moved mover moves movie
    museau named names nouveaux paced pacer paces pacte parce parrain parraine parrains parti participe participent
    participera participerai participeras participerez participes participez participiez partie partira partis
    partit peace phenom pitre place prefere preferee preferera preferes preferez prefers prefet preter primacy
    proferer quiet quieter quilt quint quite quits quitte quittee quittera quitters quittes quittez quotidienne
    rajouter received receiver receives recoive refer referer rejoindra rejoindrai rejoindras rejoindrez rejointe
    relance relie relied reliee relief relies relire renier renom repeindre replier repondre retro rhythms risible
    rooms roomy rythmee rythmes sainte salmon salons saloon sane santa sate saute savon saxon selon sente skate
    slate spate stade stage stake stale stare stated staten states stats statu statue statues statut statuts stave
    stomp stoop stops subjects suet sujets talon tangue tante tate teat thee them themed themes there these thyme
    tiare tigre tile tire tithe titled titles titra titres tittle tonic topics toxic tropic vante visibles visibly
    vitre weakly wealth zoned zones
    """.split()  # noqa: SIM905 - a list of 300 words is read as words
)


def one_slip(typed: str, word: str, *, meant: bool = False) -> bool:
    """True if `typed` is this word with one mistake: a letter wrong, missing, too many, or two neighbours exchanged.

    Words of four letters forgive only an exchange and a doubled letter; shorter ones nothing; ordinary words never are
    mistakes, unless something before them (a slash) shows that a command was `meant`.
    """
    if typed == word or (typed in ORDINARY and not meant) or len(word) < 4 or not is_near(typed, word):
        return False
    return len(word) >= 5 or sorted(typed) == sorted(word) or _doubled(typed, word)


def is_near(typed: str, word: str) -> bool:
    """One mistake at most, whatever the words."""
    if abs(len(typed) - len(word)) > 1:
        return False
    start = 0
    while start < min(len(typed), len(word)) and typed[start] == word[start]:
        start += 1
    typed, word = typed[start:], word[start:]
    if len(typed) == len(word):
        return typed[1:] == word[1:] or (typed[:2] == word[1::-1] and typed[2:] == word[2:])
    return typed[1:] == word if len(typed) > len(word) else typed == word[1:]


def nearest(typed: str, words: Iterable[str]) -> str | None:
    """The word that `typed` was probably meant to be: one mistake, or two in nine letters; ordinary words are themselves.

    The first letter is right; in four letters only two neighbours may be exchanged.
    """
    if len(typed) < 4 or typed in ORDINARY:
        return None
    best: tuple[int, str] | None = None
    for word in words:
        most = 2 if len(word) >= 9 else 1
        if word[:1] != typed[:1] or len(word) < 4 or (len(typed) == 4 and sorted(typed) != sorted(word)):
            continue
        if (apart := _mistakes(typed, word, most)) <= most:
            best = min(best or (apart, word), (apart, word))
    return best[1] if best else None


def _doubled(typed: str, word: str) -> bool:
    return len(typed) == len(word) + 1 and any(
        typed[:i] + typed[i + 1 :] == word and typed[i] == typed[i - 1] for i in range(1, len(typed))
    )


def _mistakes(typed: str, word: str, most: int) -> int:
    """How many mistakes lie between them (Damerau, without overlaps); `most` + 1 when there are more."""
    if abs(len(typed) - len(word)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(word) + 1))
    for i, a in enumerate(typed, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(word, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if last and i > 1 and j > 1 and a == word[j - 2] and typed[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return min(row[-1], most + 1)
