"""What is wrong with a template, in the reader's language."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from pmdm.ui.parts import Text
from projects.types import engine


@dataclass(frozen=True)
class Told:
    """A problem in words. ``number`` counts rows from 1; None: it is about the section as a whole."""

    section: str
    title: Text
    number: int | None
    message: str


def told(problems: Iterable[engine.Problem], titles: dict[str, Text]) -> list[Told]:
    return [
        Told(one.section, titles[one.section], None if one.row is None else one.row + 1, _(one.text) % one.words)
        for one in problems
    ]
