"""Forms of the import: the file, then which column fills which field and what the priorities mean."""

from collections import Counter
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from delivery.issues import types
from delivery.issues.forms import people_of
from delivery.issues.importing import FIELDS, OWN, order_of_dates
from delivery.issues.models import Issue, Severity
from delivery.issues.words import severity_of, state_of
from pmdm.accounts.models import User
from pmdm.interchange.tabular import MAX_BYTES, Table, plain, suggest
from pmdm.interchange.values import DAY_FIRST, MONTH_FIRST

MAX_WORDS = 40
LABELS: dict[str, Any] = {
    "title": _("Title"),
    "external_ref": _("Number elsewhere"),
    "description": _("Description"),
    "type": _("Type"),
    "severity": _("Priority"),
    "state": _("State"),
    "created": _("Created"),
    "resolved": _("Resolved"),
    "assignee": _("Assignee"),
    "reporter": _("Reported by"),
    "due": _("Due date"),
    "labels": _("Labels"),
    "group": _("Project or component"),
    **{OWN + name: field.label for name, (_kind, field) in types.OWN.items()},
}


class UploadForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("CSV, XLSX or JSON file"),
        help_text=_(
            "Up to %s MB. Exports of Jira, Redmine, Bugzilla and ServiceNow, and a Trello board as JSON, fit as"
            " they are."
        )
        % (MAX_BYTES // 1024**2),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("This file is larger than %s MB.") % (MAX_BYTES // 1024**2))
        return file


class MappingForm(forms.Form):
    """One select per field over the file's columns; then what the words of a column mean: priorities, states, people.

    Guesses stand in it: priorities and states by their words, people by name or address.
    """

    def __init__(
        self,
        *args,
        table: Table,
        product,
        mapping,
        severities=None,
        states=None,
        people=None,
        dates="",
        rest=None,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        columns = [("", _("No column")), *((name, name) for name in table.header)]
        self.table, self.product = table, product
        for each in FIELDS:
            self.fields[f"field_{each.name}"] = forms.ChoiceField(
                label=LABELS[each.name], choices=columns, required=False, initial=mapping.get(each.name, "")
            )
        common = [f"field_{each.name}" for each in FIELDS if not each.name.startswith(OWN)]
        self.fields["dates"] = forms.ChoiceField(
            label=_("Dates of mere numbers"), required=False, initial=dates,
            choices=[
                ("", _("There are none")),
                (DAY_FIRST, _("The day comes first: 31.12.2026, 31/12/26 16:38")),
                (MONTH_FIRST, _("The month comes first: 12/31/2026, 12/31/26 4:38 PM")),
            ],
        )  # fmt: skip
        self.fieldsets = [(_("Columns"), [*common, "dates"])]
        for kind, known in types.TYPES.items():
            legend = format_lazy("{}: {}", _("Only for this type"), Issue.Type(kind).label)
            self.fieldsets.append((legend, [f"field_{OWN}{field.name}" for field in known.fields]))
        self.words = self._words(mapping.get("severity"))
        self.more = len(self.words) == MAX_WORDS  # perhaps: those have no line of their own
        self._add(
            "word", self.words, _("What the priorities mean"), [("", _("Choose")), *Severity.choices],
            {word: (severities or {}).get(word) or severity_of(word) or "" for word in self.words}, coerce=int,
        )  # fmt: skip
        if any(field.initial == "" for name, field in self.fields.items() if name.startswith("word_")) or self.more:
            self.fields["rest"] = forms.TypedChoiceField(
                label=_("All other priorities"), choices=[("", _("Choose")), *Severity.choices], coerce=int,
                empty_value=None, required=False, initial=rest or "",
            )  # fmt: skip
            self.fieldsets[-1][1].append("rest")
        self.state_words = [word for word in self._words(mapping.get("state")) if word]
        self._add(
            "state", self.state_words, _("What the states mean"),
            [("", _("By the date of resolution")), *Issue.State.choices],
            {word: (states or {}).get(word, state_of(word, False)) for word in self.state_words},
        )  # fmt: skip
        self.names = self._names(mapping)
        here = people_here(product)
        self._add(
            "person", self.names, _("Who the people are"),
            [("", _("Nobody here")), *((pk, name) for pk, name, _mail in here)],
            {name: (people or {}).get(name) or guess(name, here) or "" for name in self.names}, coerce=int,
        )  # fmt: skip

    def _add(self, prefix, words, legend, choices, initial, coerce=str) -> None:
        for number, word in enumerate(words):
            self.fields[f"{prefix}_{number}"] = forms.TypedChoiceField(
                label=word or _("(empty)"), choices=choices, coerce=coerce, empty_value=None, required=False,
                initial=initial[word],
            )  # fmt: skip
        if words:
            self.fieldsets.append((legend, [f"{prefix}_{number}" for number in range(len(words))]))

    def _words(self, column: str | None) -> list[str]:
        """The words of a column, the most frequent kept where there are too many for a page."""
        if column not in self.table.header:
            return []
        counted = Counter(cell.strip() for cell in self.table.column(column))
        return sorted(word for word, _n in counted.most_common(MAX_WORDS))

    def _names(self, mapping) -> list[str]:
        names: Counter = Counter()
        for field in ("assignee", "reporter"):
            if mapping.get(field) in self.table.header:
                names.update(cell.strip() for cell in self.table.column(mapping[field]) if cell.strip())
        return sorted(name for name, _n in names.most_common(MAX_WORDS))

    @property
    def options(self) -> dict:
        """What was chosen, as ``prepare`` takes it and the upload keeps it."""
        return {
            "mapping": {each.name: self.cleaned_data[f"field_{each.name}"] for each in FIELDS},
            "severities": self._chosen("word", self.words),
            "states": self._chosen("state", self.state_words),
            "people": self._chosen("person", self.names),
            "dates": self.cleaned_data["dates"],
            "rest": self.cleaned_data.get("rest"),
        }

    def _chosen(self, prefix: str, words) -> dict:
        given = {word: self.cleaned_data.get(f"{prefix}_{number}") for number, word in enumerate(words)}
        return {word: value for word, value in given.items() if value}


def people_here(product) -> list[tuple[int, str, str]]:
    """(key, name, address) of who may be named: our own people on the product, and those of its clients."""
    own = people_of(product)
    clients = User.objects.filter(is_active=True, organisation__in=product.clients.values("pk"))
    return [*own.values_list("pk", "name", "email"), *clients.order_by("name").values_list("pk", "name", "email")]


def guess(word: str, here) -> int | None:
    """The one person whose name or address this is; None for nobody or for more than one."""
    word = plain(word)
    found = {pk for pk, name, mail in here if word and word in (plain(name), plain(mail), plain(mail.split("@")[0]))}
    return found.pop() if len(found) == 1 else None


def first_guesses(table: Table, product) -> dict:
    """What an upload starts with: columns, states and people as the page would offer them."""
    mapping = suggest(table.header, FIELDS)
    form = MappingForm(table=table, product=product, mapping=mapping)
    people = {name: form.fields[f"person_{number}"].initial for number, name in enumerate(form.names)}
    return {
        "mapping": mapping,
        "severities": {},
        "states": {},
        "people": {name: key for name, key in people.items() if key},
        "dates": order_of_dates(table, mapping),
    }
