"""What French asks of a name that stands in a sentence: "invited to" is *au* Cercle, *à la* Chorale, *à l'*Amicale, *aux* Voisins."""

from __future__ import annotations

from typing import Final

from bot.text.fold import fold

#: How names of communities begin, and what "to" becomes before them. Whatever is not here is joined, by its name.
_AU: Final = frozenset([
    "bureau", "cafe", "centre", "cercle", "chantier", "choeur", "club", "collectif", "college", "comite",
    "conseil", "conservatoire", "fablab", "festival", "foyer", "groupe", "groupement", "hameau", "jardin",
    "labo", "local", "lycee", "mouvement", "potager", "projet", "quartier", "quatuor", "refuge", "repair",
    "reseau", "salon", "syndicat", "theatre", "trio", "verger", "village", "voisinage",
])  # fmt: skip
_A_LA: Final = frozenset([
    "bande", "bibliotheque", "bricotheque", "brigade", "chorale", "classe", "communaute", "compagnie",
    "cooperative", "creche", "federation", "ferme", "famille", "fanfare", "fondation", "librairie", "ligue",
    "ludotheque", "mediatheque", "maison", "paroisse", "piece", "promo", "recyclerie", "residence",
    "ressourcerie", "section", "societe", "troupe", "tribu",
])  # fmt: skip
_A_L: Final = frozenset([
    "academie", "amap", "amicale", "antenne", "assemblee", "association", "atelier", "ecole", "ensemble",
    "entraide", "epicerie", "equipe", "espace", "harmonie", "habitat", "initiative", "orchestre",
    "universite", "union",
])  # fmt: skip
_AUX: Final = frozenset([
    "amateurs", "amies", "amis", "anciennes", "anciens", "artistes", "choristes", "copains",
    "copines", "cousins", "ecrivains", "grimpeurs", "habitants", "jardiniers", "joueurs", "lecteurs",
    "lectrices", "locataires", "marcheurs", "musiciens", "parents", "randonneurs", "riverains", "voisines",
    "voisins",
])  # fmt: skip
#: A name may bring its article along: it melts into the "to".
_ARTICLES: Final = {"le ": "au ", "la ": "à la ", "les ": "aux ", "l'": "à l'", "l’": "à l’"}


def to_the(name: str) -> str:
    """Return "au Cercle de lecture", "à la Chorale"; "à rejoindre « Couture & Cie »" where the name does not say."""
    lower = name.lower()
    for article, together in _ARTICLES.items():
        if lower.startswith(article) and len(name) > len(article):
            return together + name[len(article) :]
    first = fold(name).partition(" ")[0]
    for words, before in ((_AU, "au "), (_A_LA, "à la "), (_A_L, "à l'"), (_AUX, "aux ")):
        if first in words:
            return before + name
    return f"à rejoindre « {name} »"
