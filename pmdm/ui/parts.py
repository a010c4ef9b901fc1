"""What the larger tags draw: plain values that a view fills and a template shows."""

from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Text = str | Promise


class Status(StrEnum):
    """The only meaning of green, amber, red; never shown without shape and word."""

    OK = "ok"
    WATCH = "watch"
    ACT = "act"
    NA = "na"

    @property
    def word(self) -> Text:
        return WORDS[self]


WORDS = {
    Status.OK: _("On track"),
    Status.WATCH: _("Watch"),
    Status.ACT: _("Act"),
    Status.NA: _("Not available"),
}


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One figure of the strip. Without a value it says why (`reason`) and shows no zero.

    A value that no limit judges has neither `status` nor `word`, and no light.
    """

    label: Text
    sub: Text = ""
    value: str = ""
    unit: str = ""
    status: str = Status.NA
    word: Text = ""
    note: Text = ""
    reason: Text = ""
    url: str = ""
    spark: object = None


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One step of the phase track. `state`: done, now, next, gate, paused or stopped; `percent` fills the bar."""

    label: Text
    state: str = "next"
    percent: int = 0
    note: Text = ""
    when: Text = ""
    url: str = ""

    STATES = {
        "done": (_("Done"), "check"),
        "now": (_("In progress"), ""),
        "next": (_("Not started"), ""),
        "gate": (_("Gated"), "lock"),
        "paused": (_("Paused"), "pause"),
        "stopped": (_("Stopped"), "x"),
    }

    @property
    def word(self) -> Text:
        return self.STATES[self.state][0]

    @property
    def icon(self) -> str:
        return self.STATES[self.state][1]

    @property
    def bar_class(self) -> str:
        return "bar-gate" if self.state == "gate" else "bar-fg"

    @property
    def fill(self) -> int:
        return 100 if self.state == "done" else max(0, min(100, self.percent))

    @property
    def css(self) -> str:
        return f"is-{self.state}"


@dataclass(frozen=True, kw_only=True)
class Action:
    """A link that an empty state or a menu offers."""

    label: Text
    url: str
    icon: str = ""
    primary: bool = True


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """One field of a refused save: what it was, what they saved, what you typed."""

    label: Text
    base: str
    theirs: str
    mine: str

    @property
    def differs(self) -> bool:
        return self.theirs != self.mine


@dataclass(kw_only=True)
class HeatCell:
    """One field of the risk matrix: `dots` are numbered links (number, url, title), `more` counts the others."""

    likelihood: int
    impact: int
    dots: list = field(default_factory=list)
    more: int = 0
    url: str = ""
