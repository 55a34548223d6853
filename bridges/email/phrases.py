"""What mail programs write around a quote, in some 25 languages: "On … wrote:", header blocks, "Sent from my …".

Every function takes lines as `squeezed` makes them, of at most some 400 characters with single blanks: a line of 700,000
would stop a pattern for ten seconds, one of 400 blanks for one.
"""

from __future__ import annotations

import re

LINE = 400
_SPAN = 6  # lines an attribution may be wrapped over

_VERBS = (
    r"wrote|writes|said|sent|replied|a [ée]crit|[ée]crivait|[ée]crit|schrieb|hat geschrieben|geschrieben|escribi[óo]|ha escrito|ha scritto|scrisse"
    r"|scriveva|escreveu|schreef|geschreven|skrev|skreiv|napisał(?:\(a\)|a)?|napisal(?:\(a\)|a)?|pisze|napsal(?:\(a\)|a)?"
    r"|nap[íi]sal(?:\(a\)|a)?|[íi]rta|a scris|kirjoitti|написал(?:\(а\)|а)?|пишет|писал(?:а)?|написав|пише|yazd[ıi]|έγραψε|написа"
    r"|napisao|napisala|je pisal|va escriure|kirjutas|rakst[īi]ja|raš[ėe]|đã viết|menulis|書きました|写道|寫道|작성|כתב|كتب"
)
_VERB = re.compile(rf"(?:(?<=\W)|^)(?:{_VERBS})(?=\W|$)", re.IGNORECASE)
_START_WORDS = re.compile(
    r"\s*[\"'*_-]{0,8}\s*(?:(?:on|at|le|am|el|il|em|op|den|dne|dna|dňa|dnia|w dniu|pe|în|in data|στις|на|в|vào|ngày|pada|på|no dia"
    r"|a\(z\)|dana|kuupäeval|à la date|quoting)\b"
    # Days stand alone in some languages; they are words in others, so a number must follow: "to 5. maalisk. 2026".
    r"|(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|mo|di|mi|do|fr|sa|so|za|zo|ma|wo|vr|man|tir|ons|tor|fre|lør|lör|søn"
    r"|sön|tis|mån|ti|ke|to|pe|la|su|dom|seg|ter|qua|qui|sex|sáb|пн|вт|ср|чт|пт|сб|вс)[a-zé]{0,6}[.,]{0,2} (?:[^\W\d]{3,10}[.,]? )?\d)",
    re.IGNORECASE,
)
_DATE_FIRST = re.compile(
    r"\s*\W{0,3}(?:\d{1,4}[-./ ]\d{1,2}[-./ ]\d{1,4}|\d{1,2}\.? ?[^\W\d]{3,12}\.?,? ?\d{4}|\d{4}年|(?:[^\W\d]{2,12}[.,]? )?\d{1,2}:\d\d\b"
    r"|[^\W\d]{2,12}[.,] \d{1,2}\.? [^\W\d]{3,12}\.?,? \d{4})"
)
_ADDRESS = re.compile(r"[^\s<>@\"]+@[^\s<>@\"]+\.[^\s<>@\"]+")
_VERB_LAST = re.compile(r"(?:wrote|[ée]crit|schrieb|skrev|yazdı|geschreven|写道|寫道)\W{0,3}$", re.IGNORECASE)
_SENTENCE = re.compile(r"[a-zà-ÿ]{3}[.!?] +(?:[A-ZÀ-Þ][a-zà-ÿ]* [a-zà-ÿ]+ [a-zà-ÿ]+|I )")
_DIGIT = re.compile(r"\d")
_COLON = re.compile(r"[:：]\s*[\"'*_]{0,3}\s*$")
_NAMED = re.compile(rf"\s*[^\n:>]{{2,80}} (?:{_VERBS})(?: [^\n:]{{0,60}})?\s?(?:[:：]|-{{2,}})\s*$", re.IGNORECASE)
# "2013/11/21 Amina <amina@example.org>", as Gmail wrote it for years; with the hour, the name may stand alone.
_DATED_NAME = re.compile(
    r"\s*\d{4}[-/]\d{1,2}[-/]\d{1,2},?(?: [^<>\n]{1,80}<\s*[^<>\s]+@[^<>\s]+>\s*:?| \d\d?:\d\d GMT[+-]\d\d:?\d\d [^\n:]{1,60}:?)\s*$"
)
# "From: Amina [mailto:…] Sent: …" on one line, and the Yahoo! and BlackBerry forms.
_ANGLE_COLON = re.compile(r"\s*(?:[^\n<>]{1,80}\s)?<(?:mailto:)?[^<>\s]+@[^<>\s]+>\s*[:：]\s*$")

_LABEL = {
    "from": r"from|de|von|da|van|från|fra|od|lähettäjä|от|кому от|kimden|από|feladó|de la|expéditeur|absender|mittente|remitente"
    r"|发件人|寄件者|差出人|보낸 사람|от кого|nadawca|odesílatel|saatja|no|nuo",
    "date": r"sent|date|message du|envoyé(?: le)?|gesendet(?: am)?|datum|inviato|data|enviado(?: el| em)?|fecha|verzonden|skickat|skickades|sendt|dato|sent at|lähetetty"
    r"|päivämäärä|wysłano|odesláno|dátum|отправлено|дата|tarih|gönderildi|στάλθηκε|ημερομηνία|elküldve|trimis|发送时间|日期|送信日時|보낸 날짜|date d'envoi",
    "to": r"to|à|a|an|para|per|aan|till|til|do|komu|vastaanottaja|кому|kime|προς|címzett|către|destinataires?|empfänger|收件人|收件者|宛先|받는 사람"
    r"|cc|copie(?: à)?|kopie|cópia|kopia|bcc|copia|destinatario|reply-to|répondre à",
    "subject": r"subject|objet|sujet|betreff|oggetto|asunto|assunto|onderwerp|ämne|emne|temat|předmět|predmet|aihe|тема|konu|θέμα|tárgy|subiect|主题|主旨|件名|제목",
}
_FIELD = {
    name: re.compile(rf"[\s*_]{{0,8}}(?:{words})\s{{0,2}}[:：][*_]{{0,3}}(?:\s|$|\S)", re.IGNORECASE)
    for name, words in _LABEL.items()
}
_MORE_FIELDS = re.compile(r"\s(?:sent|date|to|subject|envoyé|à|objet|gesendet|betreff)\s?:\s?\S", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"[-_=*> ]{2,}(?:original message|original appointment|message d['’]origine|message original|message initial"
    r"|urspr(?:ü|u)ngliche nachricht|originalnachricht|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht"
    r"|originele bericht|oprindelig meddelelse|ursprungligt meddelande|opprinnelig melding|alkuperäinen viesti|původní zpráva"
    r"|wiadomość oryginalna|oryginalna wiadomość|исходное сообщение|пересылаемое|orijinal mesaj|eredeti üzenet|mesaj original"
    r"|oprindelig besked|opprinnelig beskjed|reply message|reply above this line|原始邮件|原始郵件|original-nachricht|antwort)[-_=*> ]{1,}",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"[-_=*> ]*(?:begin )?(?:forwarded (?:message|by|mail)|message transf[ée]r[ée]|mail transf[ée]r[ée]|d[ée]but du message (?:transf[ée]r[ée]|r[ée]exp[ée]di[ée])"
    r"|message r[ée]exp[ée]di[ée]|weitergeleitete nachricht|anfang der weitergeleiteten|mensaje reenviado|messaggio inoltrato|mensagem encaminhada"
    r"|doorgestuurd bericht|videresendt|vidarebefordrat|пересланное|przekazana|inicio del mensaje reenviado|转发)\b.{0,40}$",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(
    r"\s*[-_*(\[<]{0,4}\s*(?:"
    r"sent (?:from|via|with|by|using) (?:a |an |the )?(?:(?-i:[A-Z])\S{2,}|mobile|phone|tablet|galaxy|device)"
    r"|sent from (?:a|the) (?:mobile|phone|tablet|cell|small)"
    r"|(?:\S+ )?from my (?:iphone|ipad|ipod|android|mobile|phone|blackberry)|(?:someone )?from mobile$"
    r"|get \[?outlook for |download outlook|sent from \[mail\]|(?:this (?:message|e-?mail) was )?sent using my "
    r"|envoy[ée]e? (?:de|depuis|à partir|avec|par|via|du) (?:mon|ma|notre|un|une|l['’]|la|le|(?-i:[A-Z]))|envoy[ée]e? (?:depuis|avec|via) \S+$"
    r"|t[ée]l[ée]charge[rz] (?:l['’]application )?outlook|obten(?:ez|ir) outlook|provenance\s?: courrier"
    r"|von meinem \S+ (?:gesendet|aus)|gesendet (?:von|mit|über|aus) |diese nachricht wurde von mein"
    r"|enviado (?:desde|do|de|a partir) |inviato (?:da|dal) |verzonden (?:vanaf|met|van|vanuit) |verstuurd vanaf |skickat från |sendt fra "
    r"|lähetetty |wysłane z |odesláno z |отправлено (?:с|из) |trimis de pe |poslano |küldve |从我的|從我的|iphone'?(?:dan|umdan) )",
    re.IGNORECASE,
)
_FROM_MY = re.compile(r"[-_*(\[<]{0,4} ?sent from my (.+)", re.IGNORECASE)
_SORRY = frozenset(("please", "pls", "so", "sorry", "excuse", "apologies"))
_SENTENCE_WORDS = frozenset(("is", "was", "are", "were", "will", "has", "have", "and", "because", "i", "you", "we"))
_RULE = re.compile(r"__$|\s*[_=*-]{3,}\s*$|\s*(?:[-_=*] ){4,}[-_=*]?\s*$|\s*ᐧ\s*$")
_LIST_WORDS = re.compile(
    r"mailing list|listinfo|list archives|liste de diffusion|unsubscribe|d[ée]sabonner|se d[ée]sinscrire|you (?:are receiving|received) this"
    r"|reply to this email directly|view (?:it|this \S+) on|vous recevez ce",
    re.IGNORECASE,
)


def squeezed(line: str) -> str:
    """The beginning of a line, its runs of blanks single: what the patterns may see."""
    return " ".join(line[: 2 * LINE].split())[: LINE + 1]


def attribution(lines: list[str], start: int) -> int:
    """How many lines from `start` are an attribution ("On … wrote:"); 0 if none begins there."""
    first = lines[start]
    if not first.strip() or len(lines[start]) > LINE or not _begins(lines, start):
        return 0
    joined = ""
    for count in range(1, _SPAN + 1):
        if start + count > len(lines):
            break
        line = lines[start + count - 1]
        # A wrapped address has its ">" at the beginning of the next line: that is no quote.
        inside = joined.count("<") > joined.count(">")
        if not line.strip():
            following = lines[start + count] if start + count < len(lines) else ""
            if inside or following.startswith("<") or _VERB.match(following):
                continue
            break
        if count > 1 and line.startswith(">") and not inside:
            break
        joined = f"{joined} {line.strip()}" if joined else line.strip()
        if _ends(joined):
            # The shortest that ends here: a sentence above that happens to have a date is the writer's.
            for later in range(start + 1, start + count):
                if lines[later - 1].rstrip().endswith(","):
                    continue
                if _begins(lines, later, strictly=True) and _ends(
                    " ".join(each.strip() for each in lines[later : start + count])[:700]
                ):
                    return 0
            return count
    return 0


def _begins(lines: list[str], start: int, *, strictly: bool = False) -> bool:
    """An attribution may begin with this line."""
    first = lines[start]
    if _DATE_FIRST.match(first) or (not strictly and "@" in first and _ADDRESS.search(first) and not field(first)):
        return True
    two = " ".join(lines[start : start + 2])[: 2 * LINE]
    return bool(_START_WORDS.match(first) and _DIGIT.search(first if strictly else two))


def _ends(joined: str) -> bool:
    """Whether `joined` is a whole attribution: a verb and a colon, and enough of a date or an address."""
    if len(joined) > 700:
        return False
    bare = joined.strip(" -*_=\t")
    if _DATED_NAME.match(bare) or _ANGLE_COLON.match(bare):
        return True
    if _DATE_FIRST.match(bare) and re.search(r"<\s*(?:mailto:)?[^<>\s]+@[^<>\s]+>\s*[:：]$", bare):
        return True
    if not _VERB.search(bare) or not (_DIGIT.search(bare) or ("@" in bare and _ADDRESS.search(bare))):
        return False
    if not (_COLON.search(bare) or _VERB_LAST.search(bare)):
        return False
    # Before the end there is no other sentence: "I met him on 3 May. She wrote:" is one of the author's.
    return not _SENTENCE.search(bare) and not re.match(r"[^<@]{0,80}[?!]\s", bare)


def named(line: str) -> bool:
    """Whether it is like "Amina wrote:", an attribution only above a quote that is marked."""
    return len(line) <= 200 and bool(_NAMED.match(line))


def field(line: str) -> str:
    """Which header field of a mail this line looks like: from, date, to, subject, or nothing."""
    head = line
    return next((name for name, pattern in _FIELD.items() if pattern.match(head)), "")


def header_block(lines: list[str], start: int) -> bool:
    """Whether a mail's header is repeated here: three of From/Sent/To/Subject, or From and one more with an address."""
    first = lines[start]
    if field(first) not in {"from", "date", "subject"}:
        return False
    if field(first) == "from" and _ADDRESS.search(first) and _MORE_FIELDS.search(first):
        return True  # all of it in one line
    seen: list[str] = []
    other = 0
    for line in lines[start : start + 14]:
        if not line.strip():
            if len(seen) >= 3:
                break
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
    addressed = any("@" in line and _ADDRESS.search(line) for line in lines[start : start + 3])
    return len(kinds) >= 3 or {"from", "subject"} <= kinds or (addressed and len(kinds) >= 2)


def original(line: str) -> bool:
    """Whether it is like "-----Original Message-----"."""
    return bool(_ORIGINAL.match(line))


def forward(line: str) -> bool:
    """Whether it is like "---------- Forwarded message ----------": what follows is shared on purpose."""
    return len(line) <= 160 and bool(_FORWARD.match(line))


def sent_from(line: str) -> bool:
    """Whether it is like "Envoyé de mon iPhone"."""
    return len(line) <= 160 and bool(_SENT_FROM.match(line) or _sent_from_my(line))


def _sent_from_my(line: str) -> bool:
    """Whether it is like "Sent from my TI-85". "Sent from my desk, is much easier" is a sentence: it has a verb."""
    found = _FROM_MY.match(line)
    if not found:
        return False
    words = re.split(r"[ .,;!]+", found[1].lower())
    sorry = next((at for at, word in enumerate(words) if word in _SORRY), len(words))
    return sorry <= 6 and not _SENTENCE_WORDS.intersection(words[:sorry])


def rule(line: str) -> bool:
    """Whether the line is only drawn: "-----", "_____"."""
    return len(line) <= 200 and bool(_RULE.match(line))


def list_footer(lines: list[str]) -> bool:
    """Whether these last lines are what a mailing list puts below: a rule, then a few lines about the list."""
    head = lines[0].strip()
    few = [line for line in lines[1:] if line.strip()]
    drawn = (len(head) >= 10 and rule(head)) or head == "__"
    return drawn and 0 < len(few) <= 8 and any(_LIST_WORDS.search(line) for line in few)


_SHARED_LINE = re.compile(r"(.{1,200}?)\s*-{0,4}\s(?:On|Le|Am)\s[^:]{0,20}\d.{5,180}(?:wrote|a écrit|schrieb)\s?:\s*$")


def before_attribution(line: str) -> str:
    """What stands before an attribution in the same line; empty if there is nothing."""
    found = _SHARED_LINE.match(line)
    return found[1].rstrip(" -") if found and not _begins([line], 0, strictly=True) else ""
