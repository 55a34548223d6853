"""Hand-made mails as ordinary programs write them: one answer in each program's own manner. None is anybody's real mail."""

from __future__ import annotations

from base64 import b64encode
from quopri import encodestring

ADDRESS = "cercle@exemple.org"
TOKEN = "abcdefghijklmnopqrstuvwxyz234"
REPLY = f"cercle+r.{TOKEN}@exemple.org"


def mail(
    body: str | bytes, *extra: str, kind: str = "text/plain; charset=utf-8", coding: str = "8bit", **fields: str | None
) -> bytes:
    """A mail to our Reply-To, from Josette, as her server stored it; `fields` replace or (None) remove header fields."""
    data = body.encode() if isinstance(body, str) else body
    if coding == "base64":
        data = b64encode(data)
    elif coding == "quoted-printable":
        data = encodestring(data)
    known: dict[str, str | None] = {
        "From": "Josette Martin <josette@membres.example>",
        "To": REPLY,
        "Subject": "Re: Beloved en mars ?",
        "Date": "Wed, 4 Mar 2026 08:12:00 +0100",
        "Message-ID": "<answer.1@membres.example>",
        "In-Reply-To": "<m.parent@exemple.org>",
        "References": "<root@membres.example> <m.parent@exemple.org>",
        "MIME-Version": "1.0",
        "Content-Type": kind,
        "Content-Transfer-Encoding": coding,
    }
    for name, value in fields.items():
        known[name.replace("_", "-")] = value
    lines = [
        "Return-Path: <josette@membres.example>",
        "Authentication-Results: sandbox; dmarc=pass header.from=membres.example",
    ]
    lines += [f"{name}: {value}" for name, value in known.items() if value is not None] + list(extra)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def both(plain: str, html: str) -> bytes:
    """multipart/alternative, as most programs write it."""
    parts = f"--sep\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n--sep\nContent-Type: text/html; charset=utf-8\n\n{html}\n--sep--\n"
    return mail(parts, kind='multipart/alternative; boundary="sep"')


def html(body: str) -> bytes:
    return mail(f"<html><body>{body}</body></html>", kind="text/html; charset=utf-8", coding="quoted-printable")


SAID = "Oui, avec plaisir.\n\nJosette"
QUOTE = "> On lit Beloved en mars ?\n>\n> -- \n> Répondre = répondre à tout le Cercle.\n> réf:r." + TOKEN
WHO = "Amina · Cercle de lecture"

#: name → (mail, what Josette said)
PROGRAMS: dict[str, tuple[bytes, str]] = {
    "Gmail, French": (mail(f"{SAID}\n\nLe mar. 3 mars 2026 à 18:02, {WHO} <{ADDRESS}> a\nécrit :\n\n{QUOTE}\n"), SAID),
    "Gmail, French, HTML only": (
        html(
            f'<div dir="ltr">Oui, avec plaisir.<div><br></div><div>Josette</div></div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">'
            f'Le mar. 3 mars 2026 à 18:02, {WHO} &lt;<a href="mailto:{ADDRESS}">{ADDRESS}</a>&gt; a écrit :<br></div><blockquote class="gmail_quote">'
            f"<div>On lit Beloved en mars ?</div><div>réf:r.{TOKEN}</div></blockquote></div>"
        ),
        SAID,
    ),
    "Gmail on a phone, French": (
        mail(f"{SAID}\n\nLe mar. 3 mars 2026, 18:02, {WHO} <{ADDRESS}> a écrit :\n\n{QUOTE}\n", coding="base64"),
        SAID,
    ),
    "Thunderbird, French, below": (mail(f"Le 03/03/2026 à 18:02, {WHO} a écrit :\n{QUOTE}\n\n{SAID}\n"), SAID),
    "Thunderbird, French, above, flowed": (
        mail(
            f"Oui, avec \nplaisir.\n\nJosette\n\n-- \nJosette Martin\n\nLe 03/03/2026 à 18:02, {WHO} a écrit :\n{QUOTE}\n",
            kind="text/plain; charset=UTF-8; format=flowed",
        ),
        SAID,
    ),
    "Thunderbird, HTML": (
        html(
            f'<p>Oui, avec plaisir.</p><p>Josette</p><div class="moz-cite-prefix">Le 03/03/2026 à 18:02, {WHO} a écrit :<br></div>'
            '<blockquote type="cite" cite="mid:m.parent@exemple.org"><p>On lit Beloved en mars ?</p></blockquote>'
        ),
        SAID,
    ),
    "Apple Mail, French": (
        both(
            f"{SAID}\n\n> Le 3 mars 2026 à 18:02, {WHO} <{ADDRESS}> a écrit :\n> \n{QUOTE}\n",
            "<div>Oui, avec plaisir.</div>",
        ),
        SAID,
    ),
    "iPhone, French": (
        mail(
            f"{SAID}\n\nEnvoyé de mon iPhone\n\n> Le 3 mars 2026 à 18:02, {WHO} <{ADDRESS}> a écrit :\n> \n> {QUOTE}\n"
        ),
        SAID,
    ),
    "Outlook, French": (
        mail(
            f"{SAID}\n\n-----Message d'origine-----\nDe : {WHO} <{ADDRESS}>\nEnvoyé : mardi 3 mars 2026 18:02\nÀ : Josette Martin\n"
            f"Objet : Beloved en mars ?\n\nOn lit Beloved en mars ?\n\nréf:r.{TOKEN}\n"
        ),
        SAID,
    ),
    "Outlook, French, HTML": (
        html(
            '<div class="WordSection1"><p class="MsoNormal">Oui, avec plaisir.</p><p class="MsoNormal">Josette</p><div>'
            '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>De :</b> '
            f"{WHO} &lt;{ADDRESS}&gt; <br><b>Envoyé :</b> mardi 3 mars 2026 18:02<br><b>À :</b> Josette<br><b>Objet :</b> Beloved en mars ?</p>"
            '</div></div><p class="MsoNormal">On lit Beloved en mars ?</p></div>'
        ),
        SAID,
    ),
    "Outlook.com, HTML": (
        html(
            '<div>Oui, avec plaisir.</div><div>Josette</div><div id="appendonsend"></div><hr style="width:98%" tabindex="-1">'
            f'<div id="divRplyFwdMsg"><b>De :</b> {WHO}<br><b>Envoyé :</b> mardi 3 mars 2026</div><div>On lit Beloved en mars ?</div>'
        ),
        "Oui, avec plaisir.\nJosette",
    ),
    "Outlook on a phone, French": (
        mail(
            f"{SAID}\n\nTélécharger Outlook pour Android<https://aka.ms/x>\n________________________________\nDe : {WHO} <{ADDRESS}>\n"
            "Envoyé : mardi 3 mars 2026 18:02\nÀ : Josette\nObjet : Beloved en mars ?\n\nOn lit Beloved en mars ?\n"
        ),
        SAID,
    ),
    "Orange webmail": (
        mail(
            f'{SAID}\n\n\n> Message du 03/03/26 18:02\n> De : "{WHO}" <{ADDRESS}>\n> A : josette@membres.example\n> Copie à : \n'
            "> Objet : Beloved en mars ?\n> \n> On lit Beloved en mars ?\n"
        ),
        SAID,
    ),
    "Free, Zimbra": (
        mail(
            f'{SAID}\n\n----- Mail original -----\nDe: "{WHO}" <{ADDRESS}>\nÀ: "Josette" <josette@membres.example>\n'
            "Envoyé: Mardi 3 Mars 2026 18:02:00\nObjet: Beloved en mars ?\n\nOn lit Beloved en mars ?\n"
        ),
        SAID,
    ),
    "Yahoo, French": (
        mail(
            f"{SAID}\n\n    Le mardi 3 mars 2026 à 18:02:11 UTC+1, {WHO} <{ADDRESS}> a écrit :  \n \n On lit Beloved en mars ?\n"
        ),
        SAID,
    ),
    "K-9, French": (
        mail(
            f"{SAID}\n\nLe 3 mars 2026 18:02:11 GMT+01:00, {WHO} <{ADDRESS}> a écrit :\n{QUOTE}\n-- \nEnvoyé de mon appareil Android\n"
        ),
        SAID,
    ),
    "ProtonMail": (
        mail(
            f"{SAID}\n\nEnvoyé avec la messagerie sécurisée Proton Mail.\n\nLe mardi 3 mars 2026 à 18:02, {WHO} <{ADDRESS}> a écrit :\n\n{QUOTE}\n"
        ),
        SAID,
    ),
    "neomutt": (mail(f"On Tue, Mar 03, 2026 at 06:02:00PM +0100, {WHO} wrote:\n{QUOTE}\n\n{SAID}\n"), SAID),
    "Gmail, English": (mail(f"{SAID}\n\nOn Tue, Mar 3, 2026 at 6:02 PM {WHO} <{ADDRESS}>\nwrote:\n\n{QUOTE}\n"), SAID),
    "Outlook, English": (
        mail(
            f"{SAID}\n\nFrom: {WHO} <{ADDRESS}>\nSent: Tuesday, March 3, 2026 6:02 PM\nTo: Josette\nSubject: Beloved en mars ?\n\nOn lit ?\n"
        ),
        SAID,
    ),
    "Between the lines": (
        mail(f"Le 3 mars 2026 à 18:02, {WHO} a écrit :\n> On lit Beloved ?\n\nOui.\n\n> Le 12 ou le 19 ?\n\nLe 19.\n"),
        "> On lit Beloved ?\n\nOui.\n\n> Le 12 ou le 19 ?\n\nLe 19.",
    ),
    "A letter that quotes nothing": (
        mail(
            "Bonjour,\n\nLe 3 mars à 18:02, Amina m'a dit :\n> viens\n\net j'y étais.\n",
            Subject="Souvenir",
            In_Reply_To=None,
            References=None,
        ),
        "Bonjour,\n\nLe 3 mars à 18:02, Amina m'a dit :\n> viens\n\net j'y étais.",
    ),
}
