"""What mail programs write around a quote, in some 25 languages: "On … wrote:", header blocks, "Sent from my …".

Every pattern is linear and sees lines of at most `LINE` characters: a line of 700,000 would stop it for ten seconds.
"""

from __future__ import annotations

import re

LINE = 400
_SPAN = 6  # lines an attribution may be wrapped over

_VERBS = (
    r"wrote|writes|said|replied|a [ée]crit|[ée]crivait|[ée]crit|schrieb|hat geschrieben|geschrieben|escribi[óo]|ha escrito|ha scritto|scrisse"
    r"|scriveva|escreveu|schreef|geschreven|skrev|skreiv|napisał(?:\(a\)|a)?|napisal(?:\(a\)|a)?|pisze|napsal(?:\(a\)|a)?"
    r"|nap[íi]sal(?:\(a\)|a)?|[íi]rta|a scris|kirjoitti|написал(?:\(а\)|а)?|пишет|писал(?:а)?|написав|пише|yazd[ıi]|έγραψε|написа"
    r"|napisao|napisala|je pisal|va escriure|kirjutas|rakst[īi]ja|raš[ėe]|đã viết|menulis|書きました|写道|寫道|작성|כתב|كتب"
)
_VERB = re.compile(rf"(?:(?<=\W)|^)(?:{_VERBS})(?=\W|$)", re.IGNORECASE)
_START_WORDS = re.compile(
    r"\s*[\"'*_-]{0,4}\s*(?:on|le|am|el|il|em|op|den|dne|dna|dňa|dnia|w dniu|pe|în|in data|στις|на|в|vào|ngày|pada|på|no dia|ons|tor"
    r"|a\(z\)|dana|u|kuupäeval|em|il giorno|at|du|à la date|mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|mo|di|mi|do|fr|sa|so"
    r"|za|zo|ma|wo|vr|man|tir|fre|lør|søn|ma|ti|ke|to|pe|la|su|dom|seg|ter|qua|qui|sex|sáb|пн|вт|ср|чт|пт|сб|вс|quoting)\b",
    re.IGNORECASE,
)
_DATE_FIRST = re.compile(
    r"\s*\W{0,3}(?:\d{1,4}[-./ ]\d{1,2}[-./ ]\d{1,4}|\d{1,2}\.? ?[^\W\d]{3,12}\.?,? ?\d{4}|\d{4}年|(?:[^\W\d]{2,12}[.,]? )?\d{1,2}:\d\d\b"
    r"|[^\W\d]{2,12}[.,] \d{1,2}\.? [^\W\d]{3,12}\.?,? \d{4})"
)
_ADDRESS = re.compile(r"[^\s<>@\"]+@[^\s<>@\"]+\.[^\s<>@\"]+")
_DIGIT = re.compile(r"\d")
_COLON = re.compile(r"[:：]\s*[\"'*_]{0,3}\s*$")
_NAMED = re.compile(rf"\s*[^\n:>]{{2,80}} (?:{_VERBS})(?: [^\n:]{{0,60}})?\s?[:：]\s*$", re.IGNORECASE)
# "2013/11/21 Amina <amina@example.org>", as Gmail wrote it for years.
_DATED_NAME = re.compile(r"\s*\d{4}[-/]\d{1,2}[-/]\d{1,2},? [^<>\n]{1,80}<[^<>\s]+@[^<>\s]+>:?\s*$")
# "From: Amina [mailto:…] Sent: …" on one line, and the Yahoo! and BlackBerry forms.
_ANGLE_COLON = re.compile(r"\s*(?:[^\n<>]{1,80}\s)?<(?:mailto:)?[^<>\s]+@[^<>\s]+>\s*[:：]\s*$")

_LABEL = {
    "from": r"from|de|von|da|van|från|fra|od|lähettäjä|от|кому от|kimden|από|feladó|de la|expéditeur|absender|mittente|remitente"
    r"|发件人|寄件者|差出人|보낸 사람|от кого|nadawca|odesílatel|saatja|no|nuo",
    "date": r"sent|date|envoyé(?: le)?|gesendet(?: am)?|datum|inviato|data|enviado(?: el| em)?|fecha|verzonden|skickat|skickades|sendt|dato|sent at|lähetetty"
    r"|päivämäärä|wysłano|odesláno|dátum|отправлено|дата|tarih|gönderildi|στάλθηκε|ημερομηνία|elküldve|trimis|发送时间|日期|送信日時|보낸 날짜|date d'envoi",
    "to": r"to|à|a|an|para|per|aan|till|til|do|komu|vastaanottaja|кому|kime|προς|címzett|către|destinataires?|empfänger|收件人|收件者|宛先|받는 사람"
    r"|cc|copie(?: à)?|kopie|cópia|kopia|bcc|copia|destinatario|reply-to|répondre à",
    "subject": r"subject|objet|sujet|betreff|oggetto|asunto|assunto|onderwerp|ämne|emne|temat|předmět|predmet|aihe|тема|konu|θέμα|tárgy|subiect|主题|主旨|件名|제목",
}
_FIELD = {
    name: re.compile(rf"[\s*_]{{0,8}}(?:{words})\s{{0,2}}[:：][*_]{{0,3}}(?:\s|$|\S)", re.IGNORECASE)
    for name, words in _LABEL.items()
}
_ORIGINAL = re.compile(
    r"\s*[-_=*> ]{2,}\s*(?:original message|original appointment|message d['’]origine|message original|message initial"
    r"|urspr(?:ü|u)ngliche nachricht|originalnachricht|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht"
    r"|originele bericht|oprindelig meddelelse|ursprungligt meddelande|opprinnelig melding|alkuperäinen viesti|původní zpráva"
    r"|wiadomość oryginalna|oryginalna wiadomość|исходное сообщение|пересылаемое|orijinal mesaj|eredeti üzenet|mesaj original"
    r"|reply message|reply above this line|原始邮件|原始郵件|original-nachricht|antwort)\s*[-_=*> ]{1,}",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"\s*[-_=*> ]*\s*(?:begin )?(?:forwarded (?:message|by|mail)|message transf[ée]r[ée]|mail transf[ée]r[ée]|d[ée]but du message (?:transf[ée]r[ée]|r[ée]exp[ée]di[ée])"
    r"|message r[ée]exp[ée]di[ée]|weitergeleitete nachricht|anfang der weitergeleiteten|mensaje reenviado|messaggio inoltrato|mensagem encaminhada"
    r"|doorgestuurd bericht|videresendt|vidarebefordrat|пересланное|przekazana|inicio del mensaje reenviado|转发)\b.{0,40}$",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(
    r"\s*[-_*(\[]{0,3}\s*(?:sent (?:from|via|with|by|using) (?:my |the |mail |a )?\S|get outlook for |download outlook|envoy[ée] (?:de|depuis|à partir|avec|par|via|du) "
    r"|t[ée]l[ée]charge[rz] (?:l['’]application )?outlook|obtenez outlook|obtenir outlook|provenance\s?: courrier|von meinem \S+ (?:gesendet|aus)|gesendet (?:von|mit|über|aus) "
    r"|diese nachricht wurde von mein|enviado (?:desde|do|de|a partir) |inviato (?:da|dal) |verzonden (?:vanaf|met|van|vanuit) |verstuurd vanaf |skickat från |sendt fra |lähetetty "
    r"|wysłane z |odesláno z |отправлено (?:с|из) |iphone'?(?:dan|umdan) |mobile? ?(?:mail|e-?mail)|from my (?:iphone|ipad|android|mobile|blackberry)"
    r"|(?:this (?:message|email) was )?sent using |trimis de pe |poslano |küldve |从我的)",
    re.IGNORECASE,
)
_LIST_FOOTER = re.compile(
    r"\s*(?:_{10,}|-{10,}|={10,})\s*$|\s*(?:you (?:are receiving|received) this|to unsubscribe|pour (?:vous d[ée]sabonner|ne plus recevoir)|unsubscribe:|reply to this email directly"
    r"|\S+ mailing list$|liste de diffusion)",
    re.IGNORECASE,
)


def attribution(lines: list[str], start: int) -> int:
    """How many lines from `start` are an attribution ("On … wrote:"); 0 if none begins there."""
    first = lines[start][:LINE]
    if not first.strip() or len(lines[start]) > LINE:
        return 0
    if _DATED_NAME.match(first) or (
        _ANGLE_COLON.match(first) and not _FIELD["to"].match(first) and not _FIELD["from"].match(first)
    ):
        return 1
    # A wrapped address has its ">" at the beginning of the next line: that is no quote.
    begins = bool(
        (_START_WORDS.match(first) and _DIGIT.search(" ".join(lines[start : start + 2])[: 2 * LINE]))
        or _DATE_FIRST.match(first)
    )
    begins = begins or bool(_ADDRESS.search(first))
    if not begins:
        return 0
    joined = ""
    for count in range(1, _SPAN + 1):
        if start + count > len(lines):
            break
        line = lines[start + count - 1]
        if count > 1 and (not line.strip() or (line.startswith(">") and not _VERB.search(line[:60]))):
            # A blank line ends it, unless the verb alone stands behind it.
            if (
                line.strip()
                or count > 2
                or not (start + count < len(lines) and _VERB.match(lines[start + count][:LINE].strip()))
            ):
                break
            continue
        joined = f"{joined} {line[:LINE].strip()}" if joined else line[:LINE].strip()
        if _ends(joined):
            return count
    return 0


def _ends(joined: str) -> bool:
    """`joined` is a whole attribution: a verb and a colon, and enough of a date or an address."""
    if len(joined) > 700 or not _VERB.search(joined):
        return False
    if not (
        _COLON.search(joined)
        or re.search(r"(?:wrote|[ée]crit|schrieb|skrev|yazdı|geschreven|写道)\W{0,3}$", joined, re.IGNORECASE)
    ):
        return False
    if not (_DIGIT.search(joined) or _ADDRESS.search(joined)):
        return False
    # Before the end there is no other sentence: "I met him on 3 May. She wrote:" is one of the author's.
    return not re.search(r"[a-zà-ÿ]{3}[.!?] +[A-ZÀ-Þ][a-zà-ÿ]+ [a-zà-ÿ]+ [a-zà-ÿ]+", joined)


def named(line: str) -> bool:
    """Whether it is like "Amina wrote:", an attribution only above a quote that is marked."""
    return len(line) <= 200 and bool(_NAMED.match(line))


def field(line: str) -> str:
    """Which header field of a mail this line looks like: from, date, to, subject, or nothing."""
    head = line[:LINE]
    return next((name for name, pattern in _FIELD.items() if pattern.match(head)), "")


def header_block(lines: list[str], start: int) -> bool:
    """Three or more of From/Sent/To/Subject begin here, the first at `start`."""
    if field(lines[start]) not in {"from", "date", "subject"}:
        return False
    seen: list[str] = []
    other = 0
    for line in lines[start : start + 14]:
        if not line.strip():
            continue
        kind = field(line)
        if kind:
            seen.append(kind)
            other = 0
        else:
            other += 1
            if other > 3:
                break
    kinds = set(seen)
    return (
        len(kinds) >= 3
        or ({"from", "date"} <= kinds and len(seen) >= 2 and _has_mail(lines[start]))
        or ("from" in kinds and "subject" in kinds)
    )


def _has_mail(line: str) -> bool:
    return bool(_ADDRESS.search(line[:LINE]))


def original(line: str) -> bool:
    """Whether it is like "-----Original Message-----"."""
    return bool(_ORIGINAL.match(line[:LINE]))


def forward(line: str) -> bool:
    """Whether it is like "---------- Forwarded message ----------": what follows is shared on purpose."""
    return len(line) <= 160 and bool(_FORWARD.match(line))


def sent_from(line: str) -> bool:
    """Whether it is like "Envoyé de mon iPhone"."""
    return len(line) <= 160 and bool(_SENT_FROM.match(line))


def list_footer(line: str) -> bool:
    """The first line of what a list or a tracker puts below."""
    return bool(_LIST_FOOTER.match(line[:LINE]))
