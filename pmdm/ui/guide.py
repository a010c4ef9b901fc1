"""Sample content of the style guide: real shapes, awkward lengths, nothing saved."""

import datetime as dt
from dataclasses import dataclass
from functools import partial

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.charts import bars, gantt, lines
from pmdm.charts.spark import sparkline
from pmdm.ui import format as fmt
from pmdm.ui.forms import FilterForm
from pmdm.ui.lists import ListPage
from pmdm.ui.parts import Conflict, HeatCell, Phase, Tile

LONG = (
    "Migration of the claims archive of the former subsidiaries in seven countries, with re-indexing, retention rules, "
    "redaction of personal data and a read-only portal for auditors and for the regulator’s annual check"
)


RUNS = [2, 9, 30, 74, 130, 180, 190, 160, 110, 65, 34, 12, 4]


@dataclass(frozen=True)
class Person:
    pk: int
    name: str


PEOPLE = [
    Person(number, name)
    for number, name in enumerate(
        [
            "Ines Moreau",
            "Jude Okafor",
            "Sana Aziz",
            "Tom Keller",
            "Lena Brandt",
            "Bartholomew Featherstonehaugh-Cholmondeley",
        ]
    )
]


@dataclass
class Row:
    pk: int
    name: str
    owner: Person | None
    status: str
    percent: int
    due: dt.date | None
    cost: int


class Rows(list):
    """Enough of a queryset for a list page without a database."""

    def order_by(self, *fields):
        rows = Rows(self)
        for field in reversed(fields):
            name = field.removeprefix("-")
            rows.sort(key=partial(_nulls_last, name), reverse=field.startswith("-"))
        return rows

    def count(self, *args):
        return super().count(*args) if args else len(self)

    def __getitem__(self, at):
        return Rows(super().__getitem__(at)) if isinstance(at, slice) else super().__getitem__(at)


def _nulls_last(name, row):
    value = getattr(row, name)
    return value is None, value if value is not None else 0


class RowFilter(FilterForm):
    q = forms.CharField(label=_("Find by name"), required=False, max_length=200)
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("Any")), ("ok", _("On track")), ("act", _("Act"))]
    )
    late = forms.BooleanField(label=_("Only late"), required=False)

    def filter(self, rows):
        status = self.cleaned_data["status"]
        return Rows(
            row
            for row in rows
            if all(word.lower() in row.name.lower() for word in self.words()) and status in ("", row.status)
        )


class SampleForm(forms.Form):
    """Every kind of control."""

    fieldsets = [
        (_("Charter"), ["name", "code", "goal", "start", "finish"]),
        (_("Money"), _("Amounts without VAT."), ["budget", "currency"]),
        (_("Agreements"), ["stage", "areas", "agreed", "evidence"]),
    ]

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("As the client calls it."))
    code = forms.SlugField(label=_("Code"), max_length=20, help_text=_("Letters and digits, such as PRJ-42."))
    goal = forms.CharField(
        label=_("Goal"), widget=forms.Textarea, help_text=_("One sentence that can be checked later.")
    )
    start = forms.DateField(label=_("Start"))
    finish = forms.DateField(label=_("Finish"), required=False)
    budget = forms.DecimalField(
        label=_("Budget"), min_value=0, decimal_places=2, widget=forms.NumberInput(attrs={"data-unit": "€"})
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[("EUR", "Euro"), ("GBP", "Pound sterling")])
    stage = forms.ChoiceField(
        label=_("Decision"),
        choices=[("go", _("Go")), ("cond", _("Go with conditions")), ("hold", _("Hold")), ("stop", _("Stop"))],
        widget=forms.RadioSelect,
    )
    areas = forms.MultipleChoiceField(
        label=_("Concerns"),
        required=False,
        choices=[("scope", _("Scope")), ("time", _("Schedule")), ("cost", _("Cost"))],
        widget=forms.CheckboxSelectMultiple,
    )
    agreed = forms.BooleanField(label=_("The sponsor has agreed"), help_text=_("In writing; attach it below."))
    evidence = forms.FileField(label=_("Evidence"), required=False)

    def clean(self):
        data = super().clean()
        start, finish = data.get("start"), data.get("finish")
        if start and finish and finish < start:
            self.add_error("finish", _("The finish is before the start; choose a day from %s on.") % start)
        return data


WRONG = {
    "name": "",
    "code": "not a code!",
    "start": "2027-03-01",
    "finish": "2027-01-01",
    "budget": "-3",
    "currency": "EUR",
}


class RowForm(forms.Form):
    title = forms.CharField(label=_("Requirement"), widget=forms.TextInput(attrs={"placeholder": _("Requirement")}))
    priority = forms.ChoiceField(label=_("Priority"), choices=[("must", _("Must")), ("should", _("Should"))])
    wide = {"title"}


def context(request) -> dict:
    """All samples, placed around today."""
    today = timezone.localdate()
    return {
        "today": today,
        "people": PEOPLE,
        "long": LONG,
        "phases": _phases(today),
        "tiles": _tiles(),
        "page": ListPage(
            request,
            _rows(today),
            sorts={"name": "name", "due": "due", "cost": "cost", "percent": "percent"},
            default_sort="due",
            form=RowFilter,
            per_page=12,
        ),
        "curve": _curve(today),
        "charts": _charts(today),
        "cells": _cells(),
        "plan": _plan(today),
        "form": SampleForm(),
        "row_form": RowForm(),
        "conflict": [
            Conflict(label=_("Title"), base="Design freeze", theirs="Design freeze 2", mine="Design freeze (final)"),
            Conflict(label=_("Due"), base="4 Dec", theirs="4 Dec", mine="11 Dec"),
        ],
        "tabs": [
            {"label": name, "url": "#", "current": not number, "count": count}
            for number, (name, count) in enumerate(
                [
                    ("Overview", None),
                    ("Schedule", None),
                    ("Risks", 12),
                    ("Budget", None),
                    ("Changes", 0),
                    ("Handover", "3/11"),
                ]
            )
        ],
        "now": timezone.now(),
        "milestones": [
            (today + dt.timedelta(days=3), "Sandbox integration accepted", "watch", "5 days late", "0 d float"),
            (today + dt.timedelta(days=10), "Design freeze", "ok", "", "6 d float"),
            (today + dt.timedelta(days=24), LONG, "ok", "", "2 d float"),
            (today + dt.timedelta(days=80), "Handover gate", "act", "8 of 11 criteria open", "0 d float"),
        ],
    }


def _phases(today):
    day = dt.timedelta(days=1)
    return [
        Phase(label="Initiation", state="done", note="Charter signed", when=fmt.day(today - 300 * day), url="#"),
        Phase(label="Planning", state="done", note="Baseline 2 approved", when=fmt.day(today - 240 * day), url="#"),
        Phase(label="Execution", state="now", percent=75, note="75% of scope accepted", when="Gate 18 Dec", url="#"),
        Phase(label="Monitoring", state="now", percent=75, note="Weekly, next Friday", when="Runs alongside", url="#"),
        Phase(label="Closing", note="4 items open", when=fmt.day(today + 60 * day), url="#"),
        Phase(label="Handover", state="gate", percent=27, note="3 of 11 criteria met", when="12 Feb", url="#"),
        Phase(label="Live", note="Delivery: J. Okafor", when=fmt.day(today + 100 * day)),
    ]


def _tiles():
    return [
        Tile(label="Schedule", sub="SPI", value="0.94", status="watch", note="5 days behind baseline", url="#",
             spark=sparkline([1, 0.99, 0.98, 0.97, 0.97, 0.96, 0.94])),
        Tile(label="Cost", sub="CPI", value="1.06", status="ok", note="€44k under budget", url="#",
             spark=sparkline([0.98, 0.99, 1.01, 1.02, 1.04, 1.06])),
        Tile(label="Scope", sub="Accepted", value="84", unit="/112", status="ok", note="7 accepted this week", url="#",
             spark=sparkline([20, 31, 40, 52, 60, 71, 84])),
        Tile(label="Risk exposure", value="€86", unit="k", status="act", note="Up €31k since October", url="#",
             spark=sparkline([44, 45, 45, 50, 52, 52, 70, 86])),
        Tile(label="Quality", sub="Open defects", value="14", status="ok", note="None critical, 3 major", url="#",
             spark=sparkline([40, 34, 32, 25, 24, 20, 14])),
        Tile(label="Satisfaction", sub="CSAT", reason="No survey answered yet", url="#"),
    ]  # fmt: skip


def _rows(today):
    names = ["Northwind Claims Portal", "Atlas data platform", "Store rollout, wave 3", "Payroll migration", LONG]
    statuses = ["ok", "watch", "act", "ok", "na"]
    return Rows(
        Row(
            pk=number,
            name=names[number % 5] if number < 5 else f"{names[number % 4]} {number}",
            owner=PEOPLE[number % 6] if number % 7 else None,
            status=statuses[number % 5],
            percent=number * 37 % 101,
            due=today + dt.timedelta(days=number * 13 - 60) if number % 9 else None,
            cost=(number * 7919) % 900_000,
        )
        for number in range(1, 61)
    )


def _curve(today):
    months = [(today.replace(day=1) - dt.timedelta(days=304) + dt.timedelta(days=30.44 * n)) for n in range(15)]
    planned = [0, 18, 46, 92, 158, 240, 332, 424, 512, 590, 656, 712, 756, 788, 810]
    earned = [0, 15, 38, 80, 140, 214, 300, 390, 474, 556, 624]
    actual = [0, 20, 50, 94, 150, 216, 292, 370, 446, 522, 588]
    plan = [(day, value) for day, value in zip(months, planned, strict=True) if day <= today]
    later = [(day, value) for day, value in zip(months, planned, strict=True) if day > today]
    return lines.s_curve(
        id="earned-value",
        title="Earned value",
        description="Planned value 696, earned value 652 and actual cost 616 thousand euro today.",
        planned=[*plan, (today, 696), *later],
        earned=[*zip(months[:11], earned, strict=True), (today, 652)],
        actual=[*zip(months[:11], actual, strict=True), (today, 616)],
        forecast=[(today, 616), *((day, 616 + 150 * (n + 1) / 4) for n, day in enumerate(months[11:]))],
        budget=(810, "Approved budget €810k"),
        today=today,
        form=lambda value: fmt.short_money(value * 1000),
        notes=[
            lines.Note(label="Schedule", value="−€44k", css="vn"),
            lines.Note(label="Cost", value="+€36k", css="vp"),
        ],
        x_label="Month end",
    )


def _charts(today):
    days = [today - dt.timedelta(days=7 * (11 - number)) for number in range(12)]
    scores = [78, 79, 81, 80, 82, None, 83, 82, 80, 79, 82, 82.07]
    return [
        lines.trend(
            id="csat", title="Satisfaction", description="Share of answers 4 or 5, by week; target 80 to 100%.",
            name="CSAT", points=list(zip(days, scores, strict=True)), form=lambda value: fmt.percent(value),
            band=(80, 90), target=(80, "Target 80%"),
        ),
        lines.burn_up(
            id="burn", title="Scope delivered", description="84 of 112 requirements accepted.",
            scope=[(day, 100 if number < 6 else 112) for number, day in enumerate(days)],
            done=[(day, 84 * number / 11) for number, day in enumerate(days)], form=lambda value: f"{value:.0f}",
        ),
        bars.bar_chart(
            id="issues", title="Issues by month", description="Opened issues by severity.",
            categories=["Jan", "Feb", "Mar", "Apr", "May", "Jun"], x_label="Month", form=lambda value: f"{value:.0f}",
            series=[
                bars.Bars(name="Critical", values=[1, 0, 2, 1, 0, 0], colour="act"),
                bars.Bars(name="Major", values=[4, 6, 3, 5, 2, 2], colour="watch"),
                bars.Bars(name="Minor", values=[9, 12, 8, 7, 11, 6], colour="soft"),
            ],
        ),
        bars.histogram(
            id="finish", title="Finish of 1,000 runs", description="Half of the runs finish within 214 days.",
            bins=[(180 + 5 * n, 185 + 5 * n, n_runs) for n, n_runs in enumerate(RUNS)],
            x_form=lambda value: f"{value:.0f} d", x_label="Duration", y_label="Runs",
            marks=[(214, "P50"), (228, "P80")],
        ),
        lines.trend(
            id="none", title="Availability", description="No monitor reports yet, so there is nothing to draw.",
            name="Availability", points=[], form=lambda value: fmt.percent(value, 2),
        ),
    ]  # fmt: skip


def _cells():
    def dot(number, title):
        return {"number": number, "url": "#", "title": title}

    return [
        HeatCell(likelihood=5, impact=1, more=1, url="#"),
        HeatCell(likelihood=4, impact=5, dots=[dot(1, "R-14 Claims API certification slips past the freeze")]),
        HeatCell(likelihood=4, impact=3, dots=[dot(2, "R-07 Two senior engineers shared with Atlas")]),
        HeatCell(likelihood=2, impact=5, dots=[dot(3, "R-21 Penetration test finds a blocking issue")], more=2),
        HeatCell(likelihood=3, impact=3, dots=[dot(4, "R-03 Data migration quality below 98%")]),
        HeatCell(likelihood=2, impact=2, more=2, url="#"),
    ]


def _plan(today):
    def day(offset):
        return today + dt.timedelta(days=offset)

    rows = [
        ("1", "Claims portal", 1, gantt.Bar(start=day(-30), finish=day(50), kind="summary", label="Claims portal")),
        ("1.1", "Design", 2, gantt.Bar(start=day(-30), finish=day(-8), kind="summary", label="Design")),
        ("1.1.1", "Screens", 3, gantt.Bar(start=day(-30), finish=day(-14), percent=100, label="Screens")),
        ("1.1.2", LONG, 3, gantt.Bar(start=day(-20), finish=day(-8), percent=60, label=LONG, float_until=day(4))),
        ("1.2", "Build", 2, gantt.Bar(start=day(-7), finish=day(40), kind="summary", label="Build")),
        ("1.2.1", "Claims API", 3, gantt.Bar(start=day(-7), finish=day(20), percent=30, critical=True,
                                             label="Claims API", baseline=(day(-10), day(12)))),
        ("1.2.2", "Portal", 3, gantt.Bar(start=day(21), finish=day(40), critical=True, label="Portal",
                                         baseline=(day(13), day(33)))),
        ("1.3", "Design freeze", 2, gantt.Bar(start=day(-8), finish=day(-8), kind="milestone", label="Freeze")),
        ("1.4", "Go-live", 2, gantt.Bar(start=day(50), finish=day(50), kind="milestone", critical=True, label="Live")),
    ]  # fmt: skip
    links = [gantt.Link(2, 3), gantt.Link(3, 7), gantt.Link(5, 6, critical=True), gantt.Link(6, 8, critical=True)]
    return {
        "rows": [{"wbs": wbs, "name": name, "level": level, "bar": bar} for wbs, name, level, bar in rows],
        "timeline": gantt.timeline(
            [bar for *_rest, bar in rows], links, today=today, label="Timeline of 9 tasks; the table has the same dates"
        ),
    }
