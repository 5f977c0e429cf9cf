"""What a person newly wrote, apart from the mail they quoted and the signature below it.

Only linear-time patterns over single lines: the text is hostile. A closing line such as "Thank you, ..." inside a
sentence is never taken for a signature, since the words after it may be the opt-out.
"""

import re
from dataclasses import dataclass
from itertools import dropwhile, islice

from domain.replies.text import fold

_ATTRIBUTION_LINES_MAX = 4
_ATTRIBUTION_LENGTH_MAX = 400
_HEADER_BLOCK_LINES = 6
_SIGNATURE_LINES_MAX = 15

_HEADER_LABEL = re.compile(
    r"^[*\s]{0,4}(from|sent|date|to|cc|subject|reply-to|organi[sz]ation|von|gesendet|datum|an|betreff|"
    r"de|envoye|a|objet|enviado|para|asunto|fecha|da|inviato|data|oggetto|van|verzonden|aan|onderwerp|"
    r"enviada|enviado em|enviada em|assunto|el|le|il)[*\s]{0,3}:[*\s]{0,3}(\S|$)"
)
_FROM_LABEL = re.compile(r"^[*\s]{0,4}(from|von|de|da|van)[*\s]{0,3}:")
_SEPARATOR = re.compile(
    r"^[-_ ]{2,40}\s?(original message|original appointment|forwarded message|ursprungliche nachricht|"
    r"weitergeleitete nachricht|message d'origine|message original|message transfere|mensaje original|"
    r"mensaje reenviado|"
    r"messaggio originale|messaggio inoltrato|oorspronkelijk bericht|doorgestuurd bericht|mensagem original|"
    r"mensagem encaminhada)\s?[-_ ]{2,40}$"
    r"|^(begin forwarded message|anfang der weitergeleiteten nachricht|debut du message (reexpedie|transfere)|"
    r"inicio del mensaje reenviado|inizio messaggio inoltrato|begin doorgestuurd bericht|"
    r"inicio da mensagem (encaminhada|reencaminhada)) ?:$"
)
_WROTE = re.compile(
    r"(\bwrote|\bschrieb( .{1,120})?|\bgeschrieben|\ba ecrit|\bescribio|\bha scritto|\bschreef( .{1,120})?|"
    r"\bescreveu) ?:$"
)
_ATTRIBUTION_START = re.compile(
    r"^(on|am|le|el|il|op|em|no dia|den|[\"'*_]?[^\s<>]{1,60}( [^\s<>]{1,60}){0,5} ?<[^<>\s]{3,200}>|"
    r"\d{1,4}[-./ ]\d{1,2}[-./ ])"
)
_GMAIL_LOCALE = re.compile(
    r"^\d{4}-\d{2}-\d{2} \d{1,2}:\d{2} (gmt|utc)?[+-]?\d{0,2}:?\d{0,2} ?[^<>]{0,100}<[^<>\s]{3,200}> ?:$"
)
_UNDERSCORES = re.compile(r"^_{16,}$")
_DEVICE = re.compile(
    r"^(sent (from|via|with|using) (my |outlook|mail|gmail|proton|yahoo|samsung|a mobile|the )|sent from [a-z ]{2,40}$|"
    r"get outlook for|von mein\w{1,2} [\w ]{2,40} gesendet|gesendet (von|mit|uber) |outlook fur (ios|android)|"
    r"envoye (de|depuis) |telecharge[rz] outlook|obtenir outlook|enviado (desde|do|de|a partir) |obtene?r? outlook|"
    r"inviato (da|dal|con) |scarica outlook|ottieni outlook|verstuurd vanaf|verzonden (vanaf|met|via) |outlook voor |"
    r"obter o? ?outlook|[-=] ?this mail was sent)"
)
_CLOSING = re.compile(
    r"^(((with |my |many |the )?(very )?(best|kind|kindest|warm|warmest)( wishes| regards)?|all the best|"
    r"regards|thanks|thank you|"
    r"many thanks|thanks and regards|thanks (so much|again)|cheers|sincerely|yours( sincerely| faithfully|"
    r" truly)?|br|rgds)|"
    r"(mit )?(freundlichen?|besten?|herzlichen?|lieben?|vielen?|schonen?) (gruss(en?)?|gruessen?|"
    r"dank)( [^.!?]{0,30})?|mfg|lg|vg|"
    r"(bien )?cordialement|(bien )?a vous|bonne (journee|reception|soiree)|sinceres salutations|"
    r"salutations( distinguees)?|merci|"
    r"(un )?(cordial )?saludos?( cordial(es)?)?|atentamente|cordialmente|gracias|muchas gracias|"
    r"(cordiali|distinti|cari|un cordiale) salut[io]|saluti|grazie|(met )?(vriendelijke|hartelijke) groet(en|"
    r"jes)?|groet(en|jes)?|mvg|"
    r"bedankt|atenciosamente|(com os )?(melhores )?cumprimentos|abracos?|obrigad[oa])[,.! ]{0,3}$"
)
_POSTSCRIPT = re.compile(r"^(p\.? ?s\.?|n\.? ?b\.?)[ :.-]")


@dataclass(frozen=True, slots=True)
class SplitText:
    """The sender's own words.

    Args:
        new: without what they quoted; signature included.
        stripped: without quotes and signature.
    """

    new: str
    stripped: str


def split_text(text: str, *, sent_text: str = "") -> SplitText:
    """Separate new words from quoted ones and from the signature.

    Args:
        text: a cleaned plain-text body (LF newlines).
        sent_text: the text of our own mail, where known; its lines that come back unmarked are dropped too.
    """
    lines = _drop_quoted(text.split("\n"))
    if sent_text:
        lines = _drop_echoed(lines, sent_text=sent_text)
    new = _join(lines)
    return SplitText(new=new, stripped=_join(_drop_signature(new.split("\n"))))


def _drop_quoted(lines: list[str]) -> list[str]:
    kept: list[str] = []
    index = 0
    while index < len(lines):
        if lines[index].lstrip().startswith((">", "&gt;")):
            index += 1
            continue
        attribution = _attribution_length(lines, index)
        if attribution:
            index += attribution
            following = next(dropwhile(lambda line: not line.strip(), lines[index : index + 5]), "")
            if following.lstrip().startswith(">"):
                continue  # the quote is marked, an answer may stand below or between
            break
        if _starts_unmarked_quote(lines, index):
            break
        kept.append(lines[index])
        index += 1
    return kept


def _attribution_length(lines: list[str], index: int) -> int:
    """Return how many lines from ``index`` on make up an "On ..., X wrote:" line (clients wrap it), or 0."""
    first = _fold_line(lines[index])
    if not first or not (_ATTRIBUTION_START.match(first) or _WROTE.search(first)):
        return 0
    joined = ""
    for count in range(1, _ATTRIBUTION_LINES_MAX + 1):
        if index + count > len(lines) or not lines[index + count - 1].strip():
            return 0
        joined = f"{joined} {_fold_line(lines[index + count - 1])}".strip()
        if len(joined) > _ATTRIBUTION_LENGTH_MAX:
            return 0
        if _GMAIL_LOCALE.match(joined) or (_WROTE.search(joined) and re.search(r"\d|@", joined)):
            return count
    return 0


def _starts_unmarked_quote(lines: list[str], index: int) -> bool:
    line = _fold_line(lines[index])
    if not line:
        return False
    if _SEPARATOR.match(line):
        return True
    following = [_fold_line(other) for other in lines[index : index + _HEADER_BLOCK_LINES + 2]]
    if _UNDERSCORES.match(line):
        rest = [other for other in following[1:] if other]
        return bool(rest) and bool(_FROM_LABEL.match(rest[0]))
    if not _FROM_LABEL.match(line):
        return False
    return sum(bool(_HEADER_LABEL.match(other)) for other in following[: _HEADER_BLOCK_LINES + 1]) >= 3


def _drop_echoed(lines: list[str], *, sent_text: str) -> list[str]:
    """Drop lines that are word for word ours; short ones stay, since "unsubscribe" alone may be theirs."""
    ours = {_fold_line(line) for line in sent_text.split("\n") if len(line.split()) >= 4}
    return [line for line in lines if _fold_line(line) not in ours]


def _drop_signature(lines: list[str]) -> list[str]:
    kept: list[str] = []
    for index, line in enumerate(lines):
        folded = _fold_line(line)
        if _DEVICE.match(folded) and len(folded) < 80:
            continue
        if _has_text(kept) and (line.strip() in {"--", "—"} or _is_closing(lines, index)):
            return kept + _postscript(lines[index + 1 :])
        kept.append(line)
    return kept


def _is_closing(lines: list[str], index: int) -> bool:
    if not _CLOSING.match(_fold_line(lines[index])):
        return False
    filled = (line for line in islice(lines, index + 1, None) if line.strip())
    below = list(islice(filled, _SIGNATURE_LINES_MAX + 1))
    if not below:
        return True
    return (
        len(below) <= _SIGNATURE_LINES_MAX
        and len(below[0].split()) <= 6
        and not below[0].rstrip().endswith((".", "?", "!"))
    )


def _postscript(lines: list[str]) -> list[str]:
    for index, line in enumerate(lines):
        if _POSTSCRIPT.match(_fold_line(line)):
            return ["", *lines[index:]]
    return []


def _has_text(lines: list[str]) -> bool:
    return any(line.strip() for line in lines)


def _fold_line(line: str) -> str:
    return fold(line[:_ATTRIBUTION_LENGTH_MAX]).text


def _join(lines: list[str]) -> str:
    return "\n".join(lines).strip()
