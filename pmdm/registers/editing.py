"""Saving a form when somebody else may have saved first: nothing typed is lost, both versions are shown."""

import copy
import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from pmdm.activity.models import Change
from pmdm.registers.models import StaleVersion
from pmdm.ui import format as fmt
from pmdm.ui.parts import Conflict

SAVED, REFUSED, CONFLICT = 200, 422, 409

# A verb that lost a race raises ValidationError with this code; the page answers 409.
FIRST = "first"


@dataclass(frozen=True)
class Clash:
    """What {% conflict %} shows: who saved in between, when, and the fields that differ."""

    rows: list[Conflict]
    who: str
    when: datetime.datetime | None


class VersionedForm(forms.ModelForm):
    """Edits a copy of a ``Versioned`` record; sends the version it was opened with."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    clash: Clash | None = None

    def __init__(self, *args, instance, **kwargs):
        # A copy: a refused form must not change what the rest of the page says.
        super().__init__(*args, instance=copy.copy(instance), **kwargs)
        self.initial["version"] = instance.version

    def save_changes(self) -> None:
        """Write the form's fields; StaleVersion if somebody saved since the form was opened."""
        names = [name for name in self._meta.fields or () if name in self.fields]
        self.instance.save_changes(names, version=self.cleaned_data["version"])


def attempt(form: forms.BaseForm, save: Callable[[], object]) -> int:
    """Save a valid form. SAVED, or REFUSED or CONFLICT with the reasons on the form; then nothing is saved."""
    if not form.is_valid():
        return REFUSED
    try:
        with transaction.atomic():
            save()
    except StaleVersion as error:
        form.clash = clash(form, error.theirs)  # type: ignore[attr-defined]
        # Saving again, having seen theirs, is a decision.
        form.data = {**form.data.dict(), form.add_prefix("version"): error.theirs.version}  # type: ignore[attr-defined]
        return CONFLICT
    except ValidationError as error:
        known = not hasattr(error, "error_dict") or set(error.error_dict) <= {*form.fields, "__all__"}
        form.add_error(None, error if known else ValidationError(error.messages))
        return CONFLICT if getattr(error, "code", "") == FIRST else REFUSED
    return SAVED


def clash(form: Any, theirs: models.Model) -> Clash:
    """The fields of the form in which theirs differs from mine, with the base from the audit trail."""
    history = Change.objects.filter(table=theirs._meta.db_table, row_id=theirs.pk)
    last = history.select_related("actor").order_by("-id").first()
    read = history.filter(after__version=form.cleaned_data["version"]).order_by("-id").first()
    base = _as_it_was(theirs, read.after) if read else None
    rows = [
        Conflict(
            label=str(field.label),
            base=_shown(base, name),
            theirs=_shown(theirs, name),
            mine=_shown(form.instance, name),
        )  # type: ignore[attr-defined]
        for name, field in form.fields.items()
        if name != "version" and name in {known.name for known in theirs._meta.fields}
    ]
    who = last.actor.name if last and last.actor else ""
    return Clash([row for row in rows if row.differs], who, last.at if last else None)


def _as_it_was(record: models.Model, row: dict) -> models.Model:
    columns = {field.column: field for field in record._meta.concrete_fields}
    return type(record)(
        **{
            columns[column].attname: columns[column].to_python(value)
            for column, value in row.items()
            if column in columns
        }
    )


def _shown(record: models.Model | None, name: str) -> str:
    if record is None:
        return fmt.DASH
    value = getattr(record, name)
    if value is None or value == "":
        return fmt.DASH
    display = getattr(record, f"get_{name}_display", None)
    if display:
        return str(display())
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime.date):
        return fmt.day(value)
    return str(value)
