"""What differs between two texts, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

# Words, single signs and runs of white space: put together they are the text again.
_TOKEN = re.compile(r"\w+|[^\w\s]|\s+")
MOST = 4_000  # tokens of both texts; beyond it whole lines are compared, since matching takes quadratic time

SAME, REMOVED, ADDED = "same", "removed", "added"


@dataclass(frozen=True)
class Part:
    """A run of text that stayed, went or came: ``kind`` is SAME, REMOVED or ADDED."""

    kind: str
    text: str


def compare(before: str, after: str) -> list[Part]:
    """The parts in reading order, what went before what came in its place.

    SAME and REMOVED parts joined give ``before``; SAME and ADDED parts joined give ``after``. The algorithm is
    Ratcliff and Obershelp's (Dr. Dobb's Journal, July 1988), as in Python's difflib.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) + len(new) > MOST:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    parts: list[Part] = []
    for kind, first, last, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(Part(SAME, "".join(old[first:last])))
            continue
        if last > first:
            parts.append(Part(REMOVED, "".join(old[first:last])))
        if end > begin:
            parts.append(Part(ADDED, "".join(new[begin:end])))
    return parts
