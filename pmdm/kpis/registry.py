"""What is measured: each app registers its kinds of subject and their KPIs in AppConfig.ready.

A ``Statement`` is one SQL query that computes one or more KPIs for any set of subjects. It yields the columns
``subject_id, kpi, value, judged, target, status, reason, inputs``:

* ``value`` is unrounded; null needs a ``reason``, a key of the KPI's ``reasons`` (never a zero that means "unknown");
* ``judged`` is the number the thresholds apply to (the value itself, or e.g. its share of the planned duration);
  null leaves the light grey;
* ``target`` null takes the KPI's own; ``status`` is null unless the result is frozen and must not be judged again;
* ``inputs`` is jsonb with what the value came from.

``[[column]]`` in the SQL becomes the choice of subjects (``column = ANY(ids)``, or true for all); ``%(now)s`` and
``%(today)s`` are the moment and day it is computed for; records made after ``%(seen)s`` do not exist yet
(infinity, unless a past moment is computed: clocks differ, and what is stored has happened).

What SQL can't compute is a ``Computed`` statement: Python yields the same columns, set-based, and they are judged and
stored in the same way. These run behind the others, and change with the data and by the day, never by the hour.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pmdm.accounts.roles import Permission
from pmdm.kpis.tables import Table
from pmdm.ui.parts import Text

_CHOICE = re.compile(r"\[\[([a-z_.]+)\]\]")


@dataclass(frozen=True)
class Statement:
    """One query for some KPIs of one kind of subject."""

    name: str
    sql: str

    def for_(self, chosen: bool) -> str:
        """The SQL for the subjects in ``%(ids)s``, or for all."""
        return _CHOICE.sub(lambda match: f"{match[1]} = ANY(%(ids)s)" if chosen else "TRUE", self.sql)

    def parameters(self, ids: list[int] | None, now: datetime.datetime, *, past: bool) -> dict[str, Any]:
        """What the SQL needs beyond ids, now, today and seen."""
        return {}


@dataclass(frozen=True, kw_only=True)
class Given:
    """A row of a ``Computed`` statement; ``inputs`` is JSON text."""

    subject_id: int
    kpi: str
    value: Decimal | None
    judged: Decimal | None = None
    status: str | None = None
    reason: str = ""
    inputs: str = "{}"


_GIVEN = """
    SELECT g.subject_id, g.kpi, g.value, g.judged, NULL::numeric AS target, g.status, g.reason,
        g.inputs::jsonb AS inputs
    FROM unnest(
        %(given_subject_id)s::bigint[], %(given_kpi)s::text[], %(given_value)s::numeric[], %(given_judged)s::numeric[],
        %(given_status)s::text[], %(given_reason)s::text[], %(given_inputs)s::text[]
    ) AS g(subject_id, kpi, value, judged, status, reason, inputs)
"""


@dataclass(frozen=True)
class Computed(Statement):
    """Rows that Python computes: ``compute(ids or None for all, now, past)``; ``past``: as the records said then."""

    sql: str = field(default=_GIVEN, init=False)
    compute: Callable[[list[int] | None, datetime.datetime, bool], Iterable[Given]] = field(kw_only=True)

    def parameters(self, ids: list[int] | None, now: datetime.datetime, *, past: bool) -> dict[str, Any]:
        rows = list(self.compute(ids, now, past))
        names = ("subject_id", "kpi", "value", "judged", "status", "reason", "inputs")
        return {f"given_{name}": [getattr(row, name) for row in rows] for name in names}


@dataclass(frozen=True, kw_only=True)
class SubjectType:
    """A kind of subject: where its rows are, where its figures are shown and who may see them."""

    key: str
    label: Text
    table: str
    model: str  # 'projects.Project'
    figure_url: str  # name of a URL that takes the subject's code and the KPI's
    view: Permission


@dataclass(frozen=True, kw_only=True)
class Kpi:
    """One figure of one kind of subject: what it says, how it is computed and when it needs attention.

    Below (or, where lower is better, above) ``watch`` it is amber, beyond ``act`` red; both apply to the judged
    number, in ``judged_unit``.
    """

    code: str
    subject_type: str
    statement: Statement
    name: Text
    sub: Text = ""
    unit: str = ""
    description: Text
    formula: Text
    source: str
    higher_is_better: bool
    target: Decimal | None = None
    own_target: Text = ""  # says so when each subject has its own
    watch: Decimal
    act: Decimal
    judged: Text = ""  # what the thresholds apply to, when it is not the value
    judged_key: str = ""  # where it stands in the inputs
    judged_unit: Text = ""
    # Beyond the permission to see figures at all: COST_VIEW for money.
    permission: Permission | None = None
    headline: bool = True
    reasons: Mapping[str, Text] = field(default_factory=dict)
    labels: Mapping[str, Text] = field(default_factory=dict)  # of the inputs
    formats: Mapping[str, str] = field(default_factory=dict)  # of the inputs: 'money', 'minutes', 'day', …
    show: Callable[[Decimal, Mapping[str, Any]], tuple[str, str]] | None = None
    sentence: Callable[[Decimal, Mapping[str, Any]], str] | None = None
    rows: Callable[[Any, Mapping[str, Any]], Table] | None = None


_subject_types: dict[str, SubjectType] = {}
_kpis: dict[tuple[str, str], Kpi] = {}


def register_subject(subject_type: SubjectType) -> None:
    """Make a kind of subject known."""
    _subject_types[subject_type.key] = subject_type


def register(kpi: Kpi) -> None:
    """Make a KPI known. Its kind of subject must be known, its code free: else ValueError."""
    if kpi.subject_type not in _subject_types:
        raise ValueError(f"KPI {kpi.code!r} measures {kpi.subject_type!r}, which nobody registered.")
    # Thresholds are kept by code alone.
    if any(other.code == kpi.code and other != kpi for other in _kpis.values()):
        raise ValueError(f"Two KPIs are called {kpi.code!r}.")
    _kpis[kpi.subject_type, kpi.code] = kpi


def of(subject_type: str) -> list[Kpi]:
    """The KPIs of a kind of subject, in the order of their registration."""
    return [kpi for kpi in _kpis.values() if kpi.subject_type == subject_type]


def get(subject_type: str, code: str) -> Kpi:
    """The KPI, or KeyError."""
    return _kpis[subject_type, code]


def everything() -> list[Kpi]:
    return list(_kpis.values())


def subject_type(key: str) -> SubjectType:
    """The kind of subject, or KeyError."""
    return _subject_types[key]


def subject_types() -> list[SubjectType]:
    return list(_subject_types.values())


def statements(subject_type: str, *, computed: bool | None = None) -> list[Statement]:
    """The statements that compute all KPIs of a kind of subject, each once; only those that Python computes, or not."""
    every = dict.fromkeys(kpi.statement for kpi in of(subject_type))
    return [one for one in every if computed is None or isinstance(one, Computed) is computed]
