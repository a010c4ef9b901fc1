"""Words in braces that a canned answer fills in. Plain Python."""

import re
from collections.abc import Mapping

NAMES = ("name", "client", "number", "title", "product", "agent", "due")
_WORD = re.compile(r"\{(\w+)\}")


def unknown(text: str) -> list[str]:
    """The words in braces that nothing is known about, each once, in order."""
    return [word for word in dict.fromkeys(_WORD.findall(text)) if word not in NAMES]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with each word in braces replaced once; what a value holds is not looked at again.

    A word without a value stays as it is, so that whoever sends it sees the gap.
    """
    return _WORD.sub(lambda found: values.get(found[1]) or found[0], text)
