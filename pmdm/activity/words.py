"""How a row of any table reads: its kind, its name, its fields with labels and values as people know them.

A field is for people when its model gives it a translated label; the others (versions, stamps, what engines write)
are left out. Apps say more in their AppConfig.ready: ``describe("projects.Membership", label=("user", "role"))``.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.models import User
from pmdm.accounts.roles import Permission
from pmdm.ui import format as fmt

type Row = Mapping[str, object]

# The first of these that a model has names its rows.
NAMING_FIELDS = ("title", "name", "statement", "text", "description", "email", "product_name")
# Whole numbers that are minutes of work.
MINUTES = ("duration", "work", "minutes", "response", "resolution", "optimistic", "likely", "pessimistic")
LONGEST = 90

# A stamp such as done_at stands for a word when nothing else of its row changed.
STAMPS = {
    "done": gettext_lazy("done"),
    "checked": gettext_lazy("checked"),
    "decided": gettext_lazy("decided"),
    "closed": gettext_lazy("closed"),
    "finished": gettext_lazy("finished"),
    "started": gettext_lazy("started"),
    "revoked": gettext_lazy("revoked"),
    "voided": gettext_lazy("void"),
    "approved": gettext_lazy("approved"),
}


@dataclass
class Description:
    """What an app adds to what its model says."""

    label: tuple[str, ...] = ()  # fields that name a row together, in place of NAMING_FIELDS
    computed: Mapping[str, str | Promise] = field(default_factory=dict)  # fields an engine writes, worth telling
    needs: Permission | None = None  # who lacks it sees no row of this table
    # Rows of a subject that this person may not read, given both; nor what points at them is told.
    private: Callable[[models.Model, User], models.QuerySet] | None = None
    open_amounts: tuple[str, ...] = ()  # decimals that are not money
    url: Callable[[Row, models.Model], str] | None = None  # address of a row's page, given row and subject
    added: Callable[[Row], str] | None = None  # the words for a new row, in place of 'added <kind> <name>'
    hidden: bool = False  # rows of bookkeeping, never told


_descriptions: dict[str, Description] = {}
_changes: list[str] = []


def edition() -> int:
    """Another number after every description: for what is made of them once."""
    return len(_changes)


def describe(model: str, **values) -> None:
    """Say how rows of 'app.Model' read; see ``Description``."""
    _descriptions[model.lower()] = Description(**values)
    _changes.append(model)
    _kind_of_table.cache_clear()


@dataclass(frozen=True)
class Kind:
    """A table as the feed knows it."""

    model: type[models.Model]
    description: Description

    @property
    def name(self) -> str:
        return str(self.model._meta.verbose_name)

    def names(self, count: int) -> str:
        """'1 task', '12 tasks'."""
        meta = self.model._meta
        return f"{count:,} {meta.verbose_name if count == 1 else meta.verbose_name_plural}"

    def fields(self, held: Iterable[Permission]) -> dict[str, models.Field]:
        """Columns with a label that somebody with these permissions may read."""
        return {
            field.column: field
            for field in self.model._meta.concrete_fields
            if isinstance(field.verbose_name, Promise) and not self._is_secret(field, held)
        }

    def computed(self) -> dict[str, models.Field]:
        return {name: self.model._meta.get_field(name) for name in self.description.computed}

    def stamps(self) -> dict[str, models.Field]:
        """Columns such as done_at that have a word of their own."""
        return {
            field.column: field
            for field in self.model._meta.concrete_fields
            if isinstance(field, models.DateTimeField) and field.name.removesuffix("_at") in STAMPS
        }

    def _is_secret(self, field: models.Field, held: Iterable[Permission]) -> bool:
        # Any amount with two decimals is money unless the app says otherwise: a new field is hidden by default.
        money = isinstance(field, models.DecimalField) and field.decimal_places == 2 and field.max_digits > 7
        return money and field.name not in self.description.open_amounts and Permission.COST_VIEW not in held

    def label_of(self, field: models.Field) -> str:
        return str(self.description.computed.get(field.name) or field.verbose_name)

    def naming(self) -> list[models.Field]:
        """The fields that name a row."""
        present = {field.name: field for field in self.model._meta.concrete_fields}
        if self.description.label:
            return [present[name] for name in self.description.label]
        return [present[name] for name in NAMING_FIELDS if name in present][:1]

    def name_of(self, row: Row, names: "Names") -> str:
        """'R-14 Late supplier'; '' where nothing names it."""
        parts = []
        if (prefix := getattr(self.model, "PREFIX", "")) and row.get("number"):
            parts.append(f"{prefix}-{row['number']}")
        parts += [value_in_words(field, row.get(str(field.column)), names) for field in self.naming()]
        return " ".join(part for part in parts if part != fmt.DASH)


@lru_cache(maxsize=256)
def _kind_of_table(table: str) -> Kind | None:
    model = next((model for model in apps.get_models() if model._meta.db_table == table), None)
    return None if model is None else _kind_of_model(model)


def _kind_of_model(model: type[models.Model]) -> Kind:
    return Kind(model, _descriptions.get(model._meta.label.lower(), Description()))


def kind_of_table(table: str) -> Kind | None:
    """How rows of this table read; None for a table that is gone."""
    return _kind_of_table(table)


class Names:
    """Names of rows that others point to: one query per kind, however many rows.

    Of a row that needs a permission which is not ``held`` only its number is told.
    """

    def __init__(self, held: Iterable[Permission] = ()):
        self._held = held
        self._wanted: dict[type[models.Model], set] = {}
        self._found: dict[tuple[type[models.Model], object], str] = {}

    def want(self, field: models.Field, value) -> None:
        if isinstance(field, models.ForeignKey) and value is not None:
            self._wanted.setdefault(field.related_model, set()).add(value)

    def fetch(self) -> None:
        rows: list[tuple[Kind, bool, Row]] = []
        asked: set[tuple[type[models.Model], object]] = set()
        while self._wanted:
            wanted, self._wanted = self._wanted, {}
            for model, ids in wanted.items():
                ids = {one for one in ids if (model, one) not in asked}
                asked.update((model, one) for one in ids)
                kind = _kind_of_model(model)
                told = not kind.description.needs or kind.description.needs in self._held
                # What nothing of its own names, such as the benefit of an objective, is called after what it points to.
                naming = [one for one in kind.naming() if not isinstance(one, models.ForeignKey)] or kind.naming()
                columns = {one.attname for one in naming} | ({"number"} & {f.attname for f in model._meta.fields})
                for row in model._base_manager.filter(pk__in=ids).values("pk", *columns):
                    rows.append((kind, told, row))
                    for one in naming if told else ():
                        self.want(one, row[one.attname])
        for kind, told, found in reversed(rows):
            name = kind.name_of(found, self) if told else _number_of(kind.model, found)
            self._found[kind.model, found["pk"]] = name

    def get(self, model: type[models.Model], pk) -> str:
        return self._found.get((model, pk), "")


def _number_of(model: type[models.Model], row: Row) -> str:
    """'PO-1'; '…' where it has no number."""
    return f"{prefix}-{row['number']}" if (prefix := getattr(model, "PREFIX", "")) and row.get("number") else "…"


def value_in_words(field: models.Field, value, names: Names) -> str:
    """A value of the trail's JSON as people read it; a dash for none."""
    if value is None or value == "":
        return fmt.DASH
    if isinstance(field, models.ForeignKey):
        return names.get(field.related_model, value) or _("(deleted)")
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    match field:
        case models.BooleanField():
            return _("yes") if value else _("no")
        case models.DateTimeField():
            return fmt.day(_moment(value))
        case models.DateField():
            return fmt.day(dt.date.fromisoformat(value) if isinstance(value, str) else value)
        case models.DecimalField():
            return fmt.number(Decimal(str(value)))
        case models.IntegerField() if field.name in MINUTES:
            return fmt.minutes(value)
        case models.IntegerField():
            return fmt.number(value)
        case models.JSONField():
            return "…"
    return shortened(value)


def shortened(value: object) -> str:
    """A text on one line, cut where it gets long."""
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _moment(value) -> dt.datetime:
    value = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return value if timezone.is_aware(value) else value.replace(tzinfo=dt.UTC)
