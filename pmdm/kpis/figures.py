"""Figures as people read them: formatted, worded, with their light and a sparkline of the last quarter."""

import datetime
import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import connection
from django.urls import NoReverseMatch
from django.utils.translation import gettext as _

from pmdm.charts.spark import sparkline
from pmdm.kpis import registry
from pmdm.kpis.models import Status
from pmdm.kpis.recompute import recompute
from pmdm.ui import format as fmt
from pmdm.ui.addresses import address
from pmdm.ui.parts import WORDS

RANK = {Status.NA: 0, Status.OK: 1, Status.WATCH: 2, Status.ACT: 3}
SPARK_DAYS = 92
NOT_COMPUTED = "not_computed"
NOT_KEPT = "not_kept"  # of a past day


@dataclass
class Figure:
    """One KPI of one subject; has the attributes of ``pmdm.ui.parts.Tile``, so the tiles show it as it is."""

    kpi: registry.Kpi
    subject_id: int
    code: str  # of the subject
    number: Decimal | None = None
    target: Decimal | None = None
    status: str = Status.NA
    reason_code: str = NOT_COMPUTED
    inputs: Mapping[str, Any] = field(default_factory=dict)
    as_of: datetime.datetime | None = None
    history: Sequence[tuple[datetime.date, Decimal]] = ()

    @property
    def label(self):
        return self.kpi.name

    @property
    def name(self):
        return self.kpi.name

    @property
    def sub(self):
        return self.kpi.sub

    @property
    def word(self):
        return WORDS[self.status]

    @cached_property
    def _shown(self) -> tuple[str, str]:
        return ("", "") if self.number is None else show(self.kpi, self.number, self.inputs)

    @property
    def value(self) -> str:
        """The value as text, '' where there is none."""
        return self._shown[0]

    @property
    def unit(self) -> str:
        return self._shown[1]

    @property
    def text(self) -> str:
        """Value and unit in one: '12 days', '84%'; 'n/a'."""
        if self.number is None:
            return _("n/a")
        return "".join(self._shown)

    @cached_property
    def reason(self) -> str:
        """Why there is no value, or what it leaves out."""
        if not self.reason_code:
            return ""
        if self.reason_code == NOT_COMPUTED:
            return _("Not computed yet; this takes a few seconds.")
        if self.reason_code == NOT_KEPT:
            return _("This figure was not kept on that day.")
        words = self.kpi.reasons.get(self.reason_code)
        return str(words) % _Inputs(self.inputs) if words else self.reason_code

    @cached_property
    def sentence(self) -> str:
        """What the value means here: '7 of 112 verified since…'; the reason where there is none."""
        if self.number is None:
            return self.reason
        return self.kpi.sentence(self.number, self.inputs) if self.kpi.sentence else ""

    @property
    def note(self) -> str:
        return self.sentence

    @property
    def url(self) -> str:
        try:
            kind = registry.subject_type(self.kpi.subject_type)
            return address(kind.figure_url, self.code, self.kpi.code)
        except NoReverseMatch:
            return ""

    @cached_property
    def spark(self):
        """The last quarter as a small line; None with fewer than three values."""
        values = [float(value) for _day, value in self.history]
        if self.number is not None:
            values.append(float(self.number))
        return sparkline(values) if len(values) > 2 else None

    @property
    def judged(self) -> Decimal | None:
        """The number that the thresholds apply to."""
        if not self.kpi.judged_key:
            return self.number
        value = self.inputs.get(self.kpi.judged_key)
        return None if value is None else Decimal(str(value))

    def as_json(self) -> dict[str, Any]:
        """For exports and frozen results: plain JSON values, numbers as numbers."""
        return {
            "kpi": self.kpi.code,
            "name": str(self.kpi.name),
            "value": None if self.number is None else float(self.number),
            "unit": self.kpi.unit,
            "target": None if self.target is None else float(self.target),
            "status": str(self.status),
            "reason": self.reason,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "inputs": _plain(self.inputs),
        }


def _plain(value):
    """Decimals as JSON numbers; money has far fewer digits than a double keeps."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


class _Inputs(dict):
    """A reason may name inputs; one that is missing shows as a dash, never as an error page."""

    def __missing__(self, key):
        return fmt.DASH


def show(kpi: registry.Kpi, value: Decimal, inputs: Mapping[str, Any]) -> tuple[str, str]:
    """A value as (text, unit) by the KPI's own words, else by its unit."""
    if kpi.show:
        return kpi.show(value, inputs)
    if kpi.unit == "%":
        return fmt.number(value, 1 if abs(value) < 100 and value != value.to_integral_value() else 0), "%"
    if kpi.unit == "index":
        return fmt.number(value, 2), ""
    return fmt.number(value), f"{fmt.NBSP}{kpi.unit}" if kpi.unit else ""


def show_target(figure: Figure) -> str:
    """The target in the KPI's unit, '' where there is none."""
    if figure.target is None:
        return ""
    unit = figure.kpi.unit
    return fmt.number(figure.target) + ("%" if unit == "%" else f"{fmt.NBSP}{unit}" if unit == "days" else "")


def for_subject(subject_type: str, subject_id: int, *, can: Container = (), user=None, history: bool = True):
    """The figures of one subject as a list of ``Figure``, in order; who sees which: see ``for_subjects``."""
    return for_subjects(subject_type, [subject_id], can=can, user=user, history=history).get(subject_id, [])


def for_subjects(
    subject_type: str,
    ids: Iterable[int],
    *,
    can: Container = (),
    user=None,
    cost_ids: Container[int] = (),
    codes: Container[str] | None = None,
    history: bool = True,
) -> dict[int, list[Figure]]:
    """Figures by subject, in a fixed number of queries.

    The caller has checked that figures may be seen at all; figures of cost are left out except where ``can`` (of all
    these subjects) holds the permission or for ``cost_ids``. With ``user`` both questions are asked here. ``codes``
    leaves out all other figures.
    """
    ids = list(ids)
    kind = registry.subject_type(subject_type)
    kpis = [kpi for kpi in registry.of(subject_type) if codes is None or kpi.code in codes]
    if user is not None:
        ids, cost_ids = _allowed(kind, ids, user)
    stored, subjects = _stored(kind, ids, [kpi.code for kpi in kpis])
    past = _histories(subject_type, ids) if history else {}
    return {
        subject_id: [
            _figure(kpi, subject_id, subjects[subject_id], stored, past)
            for kpi in kpis
            if kpi.permission is None or kpi.permission in can or subject_id in cost_ids
        ]
        for subject_id in ids
        if subject_id in subjects
    }


def _allowed(kind: registry.SubjectType, ids: list[int], user) -> tuple[list[int], set[int]]:
    """Those whose figures this user may see, and those whose figures of cost."""
    subjects = apps.get_model(kind.model)._default_manager.filter(pk__in=ids)
    seen = set(subjects.allowing(user, kind.view).values_list("pk", flat=True))
    extra = {kpi.permission for kpi in registry.of(kind.key) if kpi.permission}
    cost = {pk for need in extra for pk in subjects.allowing(user, need).values_list("pk", flat=True)}
    return [pk for pk in ids if pk in seen], cost & seen


def _stored(
    kind: registry.SubjectType, ids: list[int], kpis: list[str]
) -> tuple[dict[tuple[int, str], tuple], dict[int, str]]:
    """Values of these KPIs by subject and KPI, and the subjects' codes."""
    stored: dict[tuple[int, str], tuple] = {}
    codes: dict[int, str] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT s.id, s.code, v.kpi, v.value, v.target, v.status, v.reason, v.inputs::text,
                greatest(v.as_of, (SELECT at FROM kpis_computation c WHERE c.subject_type = %(kind)s))
            FROM {connection.ops.quote_name(kind.table)} s
            LEFT JOIN kpis_value v ON v.subject_type = %(kind)s AND v.subject_id = s.id AND v.kpi = ANY(%(kpis)s)
            WHERE s.id = ANY(%(ids)s)
            """,  # noqa: S608 - the table's name comes from code
            {"kind": kind.key, "ids": ids, "kpis": kpis},
        )
        for subject_id, code, kpi, *rest in cursor.fetchall():
            codes[subject_id] = code
            if kpi:
                stored[subject_id, kpi] = tuple(rest)
    return stored, codes


def headline(figures: Iterable[Figure]) -> list[Figure]:
    """Those for the strip at the top of an overview."""
    return [figure for figure in figures if figure.kpi.headline]


def headlines(subject_type: str) -> tuple[str, ...]:
    """The codes of those."""
    return tuple([kpi.code for kpi in registry.of(subject_type) if kpi.headline])


def worst(figures: Iterable[Figure]) -> str:
    """The light of the whole: that of its worst figure; grey when none has one."""
    return max((Status(figure.status) for figure in figures), key=RANK.__getitem__, default=Status.NA)


def lights(subject_type: str, ids: Iterable[int], *, cost_ids: Container[int] = ()) -> dict[int, str]:
    """The light of each subject, for short lists; money counts only for ``cost_ids``."""
    found = for_subjects(subject_type, ids, cost_ids=cost_ids, history=False)
    return {subject_id: worst(figures) for subject_id, figures in found.items()}


def result(subject_type: str, subject_id: int, *, as_of: datetime.datetime | None = None) -> dict[str, dict]:
    """Compute now and give all figures as JSON values by code: what a closure freezes."""
    recompute(subject_type, [subject_id], as_of=as_of)
    everyone = for_subjects(subject_type, [subject_id], cost_ids=[subject_id], history=False)
    return {figure.kpi.code: figure.as_json() | {"reason": figure.reason_code} for figure in everyone[subject_id]}


def frozen(subject_type: str, code: str, values: Mapping[str, Mapping[str, Any]]) -> list[Figure]:
    """Figures from a frozen result (``Closure.result``), to be shown as they were."""
    figures = []
    for kpi in registry.of(subject_type):
        if kept := values.get(kpi.code):
            figures.append(
                Figure(
                    kpi=kpi,
                    subject_id=0,
                    code=code,
                    number=None if kept["value"] is None else Decimal(str(kept["value"])),
                    target=None if kept.get("target") is None else Decimal(str(kept["target"])),
                    status=kept["status"],
                    reason_code=kept.get("reason", ""),
                    inputs=kept.get("inputs", {}),
                )
            )
    return figures


def _figure(kpi: registry.Kpi, subject_id: int, code: str, stored: dict, past: dict) -> Figure:
    figure = Figure(kpi=kpi, subject_id=subject_id, code=code, history=past.get((subject_id, kpi.code), ()))
    if row := stored.get((subject_id, kpi.code)):
        figure.number, figure.target, figure.status, figure.reason_code, inputs, figure.as_of = row
        figure.inputs = _Unread(inputs)
    return figure


class _Unread(Mapping):
    """Inputs as they are stored, read when somebody asks: most figures of a list show their value only."""

    def __init__(self, text: str):
        self._text = text

    @cached_property
    def _inputs(self) -> dict[str, Any]:
        return json.loads(self._text, parse_float=Decimal)

    def __getitem__(self, key):
        return self._inputs[key]

    def __iter__(self):
        return iter(self._inputs)

    def __len__(self):
        return len(self._inputs)


def _histories(subject_type: str, ids: list[int]) -> dict[tuple[int, str], list]:
    """One value a week of the last quarter, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON (subject_id, kpi, date_trunc('week', day)) subject_id, kpi, day, value
            FROM kpis_snapshot
            WHERE subject_type = %s AND subject_id = ANY(%s) AND value IS NOT NULL AND day > current_date - %s
            ORDER BY subject_id, kpi, date_trunc('week', day), day DESC
            """,
            [subject_type, ids, SPARK_DAYS],
        )
        found: dict[tuple[int, str], list] = {}
        for subject_id, kpi, day, value in cursor.fetchall():
            found.setdefault((subject_id, kpi), []).append((day, value))
        return found


def on_day(subject_type: str, subject_id: int, code: str, day: datetime.date, *, can: Container = ()) -> list[Figure]:
    """The figures as the last snapshot up to a past day kept them; none where there is no snapshot yet.

    What a snapshot does not hold (a figure that is newer) has no value, with that as its reason. Two queries; figures
    of cost only where ``can`` holds the permission.
    """
    return on_day_each(subject_type, {subject_id: code}, day, can=can).get(subject_id, [])


def on_day_each(
    subject_type: str,
    codes: Mapping[int, str],
    day: datetime.date,
    *,
    can: Container = (),
    cost_ids: Container[int] = (),
) -> dict[int, list[Figure]]:
    """The same for several subjects ({id: code}), in one query; without those that have no snapshot yet.

    Figures of cost where ``can`` (of all of them) holds the permission or for ``cost_ids``.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.subject_id, s.kpi, s.value, s.target, s.status, s.reason, s.inputs::text, s.day
            FROM unnest(%(ids)s::bigint[]) AS one (id)
            CROSS JOIN LATERAL (
                SELECT max(l.day) AS day FROM kpis_snapshot l
                WHERE l.subject_type = %(kind)s AND l.subject_id = one.id AND l.day <= %(day)s
            ) last
            JOIN kpis_snapshot s ON s.subject_type = %(kind)s AND s.subject_id = one.id AND s.day = last.day
            """,
            {"kind": subject_type, "ids": list(codes), "day": day},
        )
        kept: dict[int, dict[str, tuple]] = {}
        for subject_id, code, *rest in cursor.fetchall():
            kept.setdefault(subject_id, {})[code] = tuple(rest)
    found = {}
    for subject_id, rows in kept.items():
        taken = next(iter(rows.values()))[-1]
        at = datetime.datetime.combine(taken, datetime.time(23, 59), datetime.UTC)
        found[subject_id] = []
        for kpi in registry.of(subject_type):
            if kpi.permission is not None and kpi.permission not in can and subject_id not in cost_ids:
                continue
            figure = Figure(kpi=kpi, subject_id=subject_id, code=codes[subject_id], as_of=at, reason_code=NOT_KEPT)
            if row := rows.get(kpi.code):
                figure.number, figure.target, figure.status, figure.reason_code, inputs, _day = row
                figure.inputs = _Unread(inputs)
            found[subject_id].append(figure)
    return found


def history(subject_type: str, subject_id: int, kpi: str) -> list[tuple[datetime.date, Decimal | None, str]]:
    """All snapshots of one figure: day, value, status; oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT day, value, status FROM kpis_snapshot"
            " WHERE subject_type = %s AND subject_id = %s AND kpi = %s ORDER BY day",
            [subject_type, subject_id, kpi],
        )
        return cursor.fetchall()
