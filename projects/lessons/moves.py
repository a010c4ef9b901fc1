"""Writing a lesson down, publishing it, taking it back; and what may not stand in one that other projects read."""

import re
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.models import Organisation
from pmdm.registers.editing import FIRST
from projects.lifecycle.standing import while_open

TEXTS = ("title", "happened", "cause", "effect", "recommendation")
_SIGNS = r"(?:€|\$|£|¥|(?:EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK)\b)"
_WORDS = r"(?:€|\$|£|¥|(?:EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK|euros?|dollars?|pounds?|francs?)\b)"
_NUMBER = r"\d[\d.,'\u00a0\u202f ]*"
_SCALE = r"(?:k|m|bn|thousand|million|billion)?"
# An amount of money: a number with a currency before or after it, such as €12,000, 12k EUR, 3 million dollars.
MONEY = re.compile(rf"{_SIGNS}[\u00a0\u202f ]?{_NUMBER}|{_NUMBER}{_SCALE}[\u00a0\u202f ]?{_WORDS}", re.IGNORECASE)


def told_to_all(texts: dict[str, str], names: list[str]) -> dict[str, str]:
    """What makes these texts unfit for people of other projects: {field: why}; empty when nothing does.

    ``names`` are those of client organisations; one found as whole words, in any case, is refused, and so is any amount
    of money.
    """
    found = {}
    for field, text in texts.items():
        name = next((name for name in names if _holds(text, name)), None)
        if name:
            found[field] = _(
                "Names the client “%(name)s”. People of other projects read a published lesson: say “the client”."
            ) % {"name": name}
        elif amount := MONEY.search(text):
            found[field] = _(
                "Names the amount “%(amount)s”. People of other projects read a published lesson: say a share or days."
            ) % {"amount": amount[0].strip()}
    return found


def _holds(text: str, name: str) -> bool:
    pattern = r"\s+".join(map(re.escape, name.split()))
    return bool(pattern) and re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE) is not None


def clients_names() -> list[str]:
    return list(Organisation.objects.values_list("name", flat=True))


def clean_tags(typed: str) -> list[str]:
    """'Supplier, #Test data' → ['supplier', 'test data']: small letters, each once, in the order typed."""
    tags = (" ".join(part.split()).lstrip("#").strip().casefold() for part in typed.replace(";", ",").split(","))
    return list(dict.fromkeys(tag for tag in tags if tag))


class LessonMoves:
    """The part of Lesson that changes its state."""

    State: Any
    _base_manager: ClassVar[Any]
    project: Any
    pk: int
    ref: str
    state: str
    version: int
    tags: list[str]
    published_at: Any
    published_by: Any

    @classmethod
    @while_open
    def write_down(cls, project, *, by, at=None, **values):
        """A draft of this project."""
        written_on = values.pop("written_on", None) or timezone.localdate(at)
        return project.lessons.create(author=by, written_on=written_on, **values)

    @while_open
    def save_changes(self, fields: list[str], *, version: int | None = None) -> None:
        super().save_changes(fields, version=version)  # type: ignore[misc]

    def unfit(self) -> dict[str, str]:
        """Why it cannot be read by all colleagues: {field: why}."""
        texts = {name: getattr(self, name) for name in TEXTS} | {"tags": ", ".join(self.tags)}
        return told_to_all(texts, clients_names())

    @while_open
    def publish(self, *, by, at=None) -> None:
        """Every colleague may read it from now on. ValidationError where it names a client or an amount of money."""
        if problems := self.unfit():
            labels = {field.name: str(field.verbose_name) for field in self._meta.fields}  # type: ignore[attr-defined]
            raise ValidationError([f"{labels[name].capitalize()}: {why}" for name, why in problems.items()])
        # The version that was checked: a text changed meanwhile is not published unread.
        self._move(self.State.DRAFT, self.State.PUBLISHED, at or timezone.now(), by, version=self.version)

    @while_open
    def withdraw(self, *, by) -> None:
        """A draft of the project again; what others made of it stays."""
        self._move(self.State.PUBLISHED, self.State.DRAFT, None, None)

    def _move(self, before, to, at, by, **read) -> None:
        changed = (
            type(self)
            ._base_manager.filter(pk=self.pk, state=before, **read)
            .update(state=to, published_at=at, published_by=by, version=F("version") + 1)
        )
        if not changed:
            raise ValidationError(
                _("%(ref)s has changed since you opened the page. Nothing of yours was saved.") % {"ref": self.ref},
                code=FIRST,
            )
        self.state, self.published_at, self.published_by, self.version = to, at, by, self.version + 1
