"""What narrows and shapes the queue: the filter form, whose hidden fields are the columns, the group and the sums."""

import re
from functools import cached_property
from typing import Any

from django import forms
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from delivery.issues import types
from delivery.issues.forms import names_of_people
from delivery.issues.models import Issue, Severity
from delivery.issues.queue.columns import COLUMNS, DEFAULT, GROUPS
from delivery.issues.teams.models import HandOff, Team
from delivery.issues.types import TYPES
from delivery.products.models import Product
from pmdm.accounts.models import Organisation
from pmdm.prepared import Prepared
from pmdm.ui.forms import FilterForm

NOBODY, ME, MINE = "none", "me", "mine"

_names_of_teams = Prepared(
    lambda product: Team.objects.current().filter(product=product).order_by("name").values_list("pk", "name")
)


def teams_seen(product) -> list[tuple[int, str]]:
    """The teams to choose from: those of the product; over several products only "mine" and "none"."""
    return _names_of_teams(product.pk) if product else [(0, "")]


_names_of_clients = Prepared(
    lambda product: (
        Organisation.objects.filter(
            pk__in=Product.clients.through.objects.filter(product=product).values("organisation")
        )
        .order_by("name")
        .values_list("pk", "name")
    )
)


STEP = "step:"
# The states that only one type has, under its name.
STEPS = [
    (Issue.Type(kind).label, [(STEP + step.name, step.label) for step in each.steps])
    for kind, each in TYPES.items()
    if each.steps
]


class QueueFilter(FilterForm):
    """Narrows the queue; open issues unless asked otherwise. ``product`` None: all products of the reader."""

    SHAPE = ("columns", "group", "sums", "view")
    folded = ("type", "team", "organisation", "overdue", "own", "value")

    q = forms.CharField(required=False, label=_("Search"), max_length=200)
    state = forms.ChoiceField(
        required=False,
        label=_("State"),
        choices=[("", _("Open")), *Issue.State.choices, ("all", _("All")), *STEPS],
    )
    type = forms.ChoiceField(required=False, label=_("Type"), choices=[("", _("All")), *Issue.Type.choices])
    severity = forms.ChoiceField(required=False, label=_("Priority"), choices=[("", _("All")), *Severity.choices])
    assignee = forms.ChoiceField(required=False, label=_("Assignee"))
    team = forms.ChoiceField(required=False, label=_("Team"))
    organisation = forms.ChoiceField(required=False, label=_("Client"))
    overdue = forms.ChoiceField(
        required=False,
        label=_("Due"),
        choices=[("", _("Any time")), ("risk", _("At risk or overdue")), ("on", _("Overdue"))],
    )
    own = forms.ChoiceField(required=False, label=_("Field of its type"))
    value = forms.CharField(
        required=False,
        max_length=200,
        label=_("Its value"),
        widget=forms.TextInput(attrs={"placeholder": _("any; >= 3 for numbers and dates")}),
    )
    columns = forms.MultipleChoiceField(required=False, widget=forms.MultipleHiddenInput)
    group = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    sums = forms.BooleanField(required=False, widget=forms.HiddenInput)
    view = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, product, internal, reader, **kwargs):
        super().__init__(*args, **kwargs)
        self.product, self.reader = product, reader
        self.offered = offered = offered_columns(across=product is None, internal=internal)
        self.fields["own"].choices = [("", _("None")), *own_choices(internal)]
        self.fields["columns"].choices = [(name, column.label) for name, column in offered.items()]
        self.fields["group"].choices = [
            ("", _("No groups")),
            *((name, group.label) for name, group in GROUPS.items() if name in offered or not group.internal),
        ]
        if internal:
            people = names_of_people(product.pk) if product else []
            self.fields["assignee"].choices = [
                ("", _("Everybody")),
                (ME, _("Me")),
                (NOBODY, _("Nobody yet")),
                *((str(pk), name) for pk, name in people),
            ]
        else:
            del self.fields["assignee"]
        if internal and (teams := teams_seen(product)):
            self.fields["team"].choices = [
                ("", _("All")),
                (MINE, _("My teams")),
                (NOBODY, _("No team")),
                *((str(pk), name) for pk, name in teams if pk),
            ]
        else:
            del self.fields["team"]
        if internal and product:
            self.fields["organisation"].choices = [
                ("", _("All")),
                *((str(pk), name) for pk, name in _names_of_clients(product.pk)),
            ]
        else:
            del self.fields["organisation"]

    @cached_property
    def active(self):
        """Fields that narrow the queue; its shape does not."""
        return {name: value for name, value in super().active.items() if name not in self.SHAPE}

    @property
    def in_words(self) -> list[tuple[str, str]]:
        """(label, what was chosen) of what narrows the queue: for its print, which has no filter."""
        words: list[tuple[str, str]] = []
        for name in self.active:
            chosen = str(self.cleaned_data.get(name, "")) if self.is_valid() else ""
            choices: Any = getattr(self.fields[name], "choices", ())
            flat = [
                pair for key, each in choices for pair in (each if isinstance(each, list | tuple) else [(key, each)])
            ]
            said = next((str(label) for key, label in flat if str(key) == chosen), chosen)
            if said:
                words.append((str(self.fields[name].label), said))
        return words

    def clean(self):
        data = super().clean()
        if data.get("own") and data.get("value"):
            try:
                of_own(data["own"], data["value"])
            except types.WrongDetail as error:
                self.add_error("value", error.message)
        return data

    def filter(self, issues):
        data = self.cleaned_data
        if not data["state"]:
            issues = issues.open()
        elif data["state"].startswith(STEP):
            issues = issues.filter(step=data["state"].removeprefix(STEP))
        elif data["state"] != "all":
            issues = issues.filter(state=data["state"])
        if data["overdue"] == "on":
            issues = issues.overdue()
        elif data["overdue"]:
            now = timezone.now()
            issues = issues.open().filter(Q(resolution_at_risk__lte=now) | Q(resolution_due__lt=now))
        for name in ("type", "severity", "organisation"):
            if data.get(name):
                issues = issues.filter(**{name: data[name]})
        if who := data.get("assignee"):
            issues = issues.filter(assignee=None if who == NOBODY else self.reader.pk if who == ME else who)
        if data.get("own"):
            issues = issues.alias(**measured(data["own"])).filter(of_own(data["own"], data.get("value", "")))
        if team := data.get("team"):
            issues = issues.filter(of_team(team, self.reader))
        return issues.searching(self.words())

    @property
    def shape(self) -> dict:
        """Columns, group and sums in force; the usual ones where nothing is asked for."""
        data = self.cleaned_data if self.is_valid() else {}
        return {
            "columns": data.get("columns") or [name for name in DEFAULT if name in self.offered],
            "group": data.get("group", ""),
            "sums": data.get("sums", False),
        }


def own_choices(internal: bool) -> list[tuple[str, list[tuple[str, str]]]]:
    """The fields that only one type has, under its name."""
    return [
        (str(Issue.Type(kind).label), shown)
        for kind, each in types.TYPES.items()
        if (shown := [(field.name, field.label) for field in each.fields if internal or not field.internal])
    ]


_COMPARED = re.compile(r"(?P<sign><=|>=|<|>|=)?\s*(?P<value>.*)", re.DOTALL)
_SIGNS = {"<=": "__lte", ">=": "__gte", "<": "__lt", ">": "__gt"}


def measured(name: str) -> dict:
    """The number or the day in a field, to compare with; details keep them as text."""
    kind = types.OWN[name][1].kind
    kinds: dict[str, models.Field] = {
        "number": models.DecimalField(max_digits=30, decimal_places=6),
        "date": models.DateField(),
    }
    return {"own_value": Cast(KT(f"details__{name}"), kinds[kind])} if kind in kinds else {}


def of_own(name: str, text: str) -> Q:
    """Issues whose own field has this value: words are contained, numbers and days are compared (>= 3), '' is any.

    types.WrongDetail for a value that the field can't have.
    """
    kind, field = types.OWN[name]
    has = Q(type=kind, details__has_key=name)
    text = text.strip()
    if not text:
        return has
    if field.kind in ("number", "date"):
        said = _COMPARED.fullmatch(text)
        assert said is not None  # whatever it is, it fits
        value = types.cleaned(field, said["value"])
        return has & Q(**{f"own_value{_SIGNS.get(said['sign'], '')}": value})
    if field.kind == "choice":
        fits = [key for key, label in field.choices if text.casefold() in (key, str(label).casefold())]
        if not fits:
            accepted = ", ".join(str(label) for _key, label in field.choices)
            words = {"value": text, "accepted": accepted}
            raise types.WrongDetail(name, gettext("“%(value)s” is none of %(accepted)s.") % words)
        # Contained, not compared: each row's JSON is looked into once, and nothing is taken out of it.
        chosen = Q()
        for key in fits:
            chosen |= Q(details__contains={name: key})
        return Q(type=kind) & chosen
    return has & Q(**{f"details__{name}__icontains": text})


def of_team(team: str, reader) -> Q:
    """The queue of a team: what it has, and what is offered to it and waits for its answer."""
    if team == NOBODY:
        return Q(team=None)
    teams = Team.objects.filter(members=reader) if team == MINE else Team.objects.filter(pk=team)
    return Q(team__in=teams) | Q(pk__in=HandOff.objects.waiting().filter(to__in=teams).values("issue"))


def offered_columns(*, across: bool, internal: bool) -> dict:
    """The columns that this reader may choose here."""
    return {
        name: column
        for name, column in COLUMNS.items()
        if (internal or not column.internal) and (across or name != "product")
    }


class ShapeForm(forms.Form):
    """Columns, group and sums as people choose them; a GET form beside the filter."""

    use_required_attribute = False
    wide = {"columns"}

    columns = forms.MultipleChoiceField(required=False, label=_("Columns"), widget=forms.CheckboxSelectMultiple)
    group = forms.ChoiceField(required=False, label=_("Group by"))
    sums = forms.BooleanField(required=False, label=_("Sums below the list"))

    def __init__(self, *, of: QueueFilter):
        super().__init__(initial=of.shape, auto_id="shape_%s")
        for name in ("columns", "group"):
            mine: Any = self.fields[name]
            theirs: Any = of.fields[name]
            mine.choices = theirs.choices


class KeepForm(forms.Form):
    """The name under which the queue is kept as it is now."""

    name = forms.CharField(label=_("Name"), max_length=80)
    is_shared = forms.BooleanField(required=False, label=_("Shared with the product's team"))
    is_default = forms.BooleanField(required=False, label=_("Show it first when I come here"))

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, auto_id="keep_%s", **kwargs)
        if product is None:
            del self.fields["is_shared"]
