"""What each type of issue has of its own: fields, and states that refine the five which clock and figures know.

Plain Python, one table: forms, the queue, bulk edits, imports, exports, the moves of an issue's page and a constraint
of the database read it. A state of a type (a *step*) lies within states that all issues have, so that a clock that
stands still, a filter for what is open and a figure of last year mean the same for every type.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.ui.parts import Text

OPEN = ("in_progress", "waiting")
DONE = ("resolved", "closed")
MOST = 20000  # letters of a text


@dataclass(frozen=True)
class Field:
    """A field of a type: ``kind`` is line, text, number, date or choice. Clients fill all but internal ones."""

    name: str
    label: Text
    kind: str = "line"
    choices: tuple[tuple[str, Text], ...] = ()
    help: Text = ""
    internal: bool = False


@dataclass(frozen=True)
class Step:
    """A state of one type: its word, the common states it lies in, from which steps it follows ('' is none)."""

    name: str
    label: Text
    after: tuple[str, ...]
    within: tuple[str, ...] = OPEN


@dataclass(frozen=True)
class IssueType:
    """One type: its fields and its own states."""

    fields: tuple[Field, ...] = ()
    steps: tuple[Step, ...] = ()

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)

    def step(self, name: str) -> Step | None:
        return next((step for step in self.steps if step.name == name), None)

    def following(self, step: str) -> list[Step]:
        """The steps that an open issue may take next."""
        return [each for each in self.steps if step in each.after and each.within == OPEN]


TYPES: dict[str, IssueType] = {
    "bug": IssueType(
        (
            Field("steps", gettext_lazy("Steps that lead there"), "text"),
            Field("expected", gettext_lazy("What should happen"), "text"),
            Field("environment", gettext_lazy("Environment"), help=gettext_lazy("Browser, device, installation.")),
            Field(
                "happens",
                gettext_lazy("How often"),
                "choice",
                (
                    ("always", gettext_lazy("Always")),
                    ("sometimes", gettext_lazy("Sometimes")),
                    ("once", gettext_lazy("Once")),
                ),
            ),
        ),
        (
            Step("reproduced", gettext_lazy("Reproduced"), ("", "testing")),
            Step("testing", gettext_lazy("Fix in test"), ("", "reproduced")),
        ),
    ),
    # Judgement, remedy and confirmation are a record of their own; here is what the customer says.
    "complaint": IssueType((Field("wish", gettext_lazy("What would put it right"), "text"),)),
    "performance": IssueType(
        (
            Field("metric", gettext_lazy("What is measured"), help=gettext_lazy("Such as: 95th percentile of a page.")),
            Field("measured", gettext_lazy("Measured"), "number"),
            Field("target", gettext_lazy("Should be"), "number"),
            Field("unit", gettext_lazy("Unit"), help=gettext_lazy("s, ms, requests/s …")),
            Field("since", gettext_lazy("Since"), "date"),
        ),
        (
            Step("measured", gettext_lazy("Measured"), ("", "observing")),
            Step("observing", gettext_lazy("Under observation"), ("", "measured")),
        ),
    ),
    "request": IssueType(
        (
            Field("benefit", gettext_lazy("What it is good for"), "text"),
            Field("wanted_by", gettext_lazy("Wanted by"), "date"),
            Field("hours", gettext_lazy("Estimate in hours"), "number", internal=True),
        ),
        (
            Step("approval", gettext_lazy("Waiting for approval"), ("", "approved")),
            Step("approved", gettext_lazy("Approved"), ("", "approval")),
            Step("declined", gettext_lazy("Declined"), ("", "approval", "approved"), DONE),
        ),
    ),
}
# Every step of every type with its word.
LABELS: dict[str, Text] = {step.name: step.label for each in TYPES.values() for step in each.steps}


# Every field that only one type has, by its name: no two types share one.
OWN: dict[str, tuple[str, Field]] = {field.name: (kind, field) for kind, each in TYPES.items() for field in each.fields}


class WrongDetail(ValueError):
    """What is wrong with the value of a field; ``field`` is its name."""

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field, self.message = field, message


def allowed(kind: str, state: str, step: str) -> bool:
    """Whether an issue of this type may be in this step while in this state."""
    found = TYPES[kind].step(step)
    return not step or (found is not None and state in found.within)


def clean(kind: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a type as they are kept (text, ISO dates, numbers as text); empty ones left out.

    WrongDetail for a field that the type does not have and for a value that the field does not take.
    """
    kept: dict[str, Any] = {}
    for name, value in details.items():
        field = TYPES[kind].field(name)
        if field is None:
            raise WrongDetail(name, _("An issue of this type has no field “%(name)s”.") % {"name": name})
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        kept[name] = cleaned(field, value)
    if kind == "performance" and ("measured" in kept or "target" in kept) and "unit" not in kept:
        raise WrongDetail("unit", _("A number needs its unit: s, ms, requests/s."))
    return kept


def cleaned(field: Field, value: Any) -> str:
    """One value as it is kept; WrongDetail for one that the field does not take."""
    if field.kind == "number":
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number) >= 10**12:
            raise WrongDetail(field.name, _("“%(value)s” is no number.") % {"value": value})
        return format(number.normalize(), "f")
    if field.kind == "date":
        try:
            return datetime.date.fromisoformat(str(value)[:10]).isoformat()
        except ValueError:
            raise WrongDetail(field.name, _("“%(value)s” is no date: write 2026-05-31.") % {"value": value}) from None
    text = str(value).strip()[:MOST]
    if field.kind == "choice" and text not in dict(field.choices):
        accepted = ", ".join(name for name, _label in field.choices)
        words = {"value": text, "accepted": accepted}
        raise WrongDetail(field.name, _("“%(value)s” is none of %(accepted)s.") % words)
    return text[:250] if field.kind == "line" else text


def kept_by(kind: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """What of an issue's details also belongs to another type; for a change of type, which must not invent any."""
    return {name: value for name, value in details.items() if TYPES[kind].field(name) is not None}


def shown(kind: str, details: Mapping[str, Any], *, internal: bool) -> list[tuple[Text, str]]:
    """(label, words) of the fields that are filled, for a page."""
    found: list[tuple[Text, str]] = []
    for field in TYPES[kind].fields:
        value = details.get(field.name)
        if value and (internal or not field.internal):
            found.append((field.label, str(dict(field.choices).get(value, value))))
    return found
