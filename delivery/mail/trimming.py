"""What somebody wrote, without what they quoted and their signature. For display only: the original is kept."""

import re

_SIGNATURE = re.compile(r"^-- ?$")
# The line before a quotation, as the programs of several languages write it.
_WROTE = re.compile(
    r"^(On\b.{4,200}\bwrote:|Am\b.{4,200}\bschrieb\b.{0,120}:|Le\b.{4,200}\ba écrit\s?:|El\b.{4,200}\bescribió:"
    r"|Op\b.{4,200}\bschreef\b.{0,120}:|Il\b.{4,200}\bha scritto:)$"
)
_ORIGINAL = re.compile(
    r"^[-_ ]{2,}\s?(Original Message|Ursprüngliche Nachricht|Message d'origine|Mensaje original)[-_ ]{2,}$", re.I
)
_RULE = re.compile(r"^_{20,}$")
_HEADER = re.compile(r"^\*?(From|Von|De|Van|Da)\s?:\*? .+", re.I)
_NEXT_HEADERS = re.compile(r"^\*?(Sent|Gesendet|Envoyé|Enviado|Verzonden|Inviato|Date|Datum|To|An|À|Para)\s?:", re.I)
_FORWARDED = re.compile(
    r"^(-{5,}\s?(Forwarded message|Weitergeleitete Nachricht|Message transféré)\s?-{5,}|Begin forwarded message:)$",
    re.I,
)
_SENT_FROM = re.compile(r"^(Sent from my|Gesendet von mein|Envoyé de mon|Get Outlook for) .{1,60}$", re.I)


def trim(text: str, *, forwarded: bool = False) -> str:
    """The part that was written now. Where that would be nothing, or somebody forwards, all of it."""
    if forwarded:
        return text.strip()
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    kept: list[str] = []
    for number, line in enumerate(lines):
        if _FORWARDED.match(line.strip()):
            kept += lines[number:]  # What is forwarded is what they want to say.
            break
        if _SIGNATURE.match(line) or _begins_quotation(lines, number):
            break
        kept.append(line)
    own = [line for line in kept if not line.startswith(">")] if not _interleaved(kept) else kept
    while own and (not own[-1].strip() or _SENT_FROM.match(own[-1].strip())):
        own.pop()
    result = re.sub(r"\n{3,}", "\n\n", "\n".join(own)).strip()
    return result or text.strip()


def _begins_quotation(lines: list[str], number: int) -> bool:
    line = lines[number].strip()
    if not line:
        return False
    if _ORIGINAL.match(line):
        return True
    following = [each.strip() for each in lines[number + 1 : number + 5]]
    # Some programs break the line in two.
    for words, used in ((line, 1), (f"{line} {following[0]}" if following else "", 2)):
        if _WROTE.match(words):
            return not _interleaved(_without_signature(lines[number + used :]))
    if _RULE.match(line) and any(_HEADER.match(each) for each in following[:2]):
        return True
    return bool(_HEADER.match(line)) and any(_NEXT_HEADERS.match(each) for each in following)


def _without_signature(lines: list[str]) -> list[str]:
    end = next((number for number, line in enumerate(lines) if _SIGNATURE.match(line)), len(lines))
    return lines[:end]


def _interleaved(lines: list[str]) -> bool:
    """Whether answers stand between quoted lines: then the quotations are part of what is said."""
    quoted = [line.startswith(">") for line in lines if line.strip()]
    first, last = (quoted.index(True), len(quoted) - quoted[::-1].index(True)) if True in quoted else (0, 0)
    return not all(quoted[first:last]) or (first < last < len(quoted))
