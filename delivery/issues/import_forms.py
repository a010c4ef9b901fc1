"""Forms of the import: the file, then which column fills which field and what the priorities mean."""

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.issues.importing import FIELDS
from delivery.issues.models import Severity
from delivery.issues.words import severity_of
from pmdm.interchange.tabular import MAX_BYTES, Table

MAX_WORDS = 40
LABELS = {
    "title": _("Title"),
    "external_ref": _("Number elsewhere"),
    "description": _("Description"),
    "type": _("Type"),
    "severity": _("Priority"),
    "state": _("State"),
    "created": _("Created"),
    "resolved": _("Resolved"),
    "group": _("Project or component"),
}


class UploadForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("CSV or XLSX file"),
        help_text=_("With a header line, up to %s MB. Jira, Redmine, Bugzilla, ServiceNow exports fit as they are.")
        % (MAX_BYTES // 1024**2),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("This file is larger than %s MB.") % (MAX_BYTES // 1024**2))
        return file


class MappingForm(forms.Form):
    """One select per field over the file's columns, and one per priority word of the chosen column."""

    def __init__(self, *args, table: Table, mapping: dict[str, str], severities: dict[str, int], **kwargs):
        super().__init__(*args, **kwargs)
        columns = [("", _("No column")), *((name, name) for name in table.header)]
        self.table = table
        for each in FIELDS:
            self.fields[f"field_{each.name}"] = forms.ChoiceField(
                label=LABELS[each.name], choices=columns, required=False, initial=mapping.get(each.name, "")
            )
        self.words = self._words(mapping.get("severity"))
        for number, word in enumerate(self.words):
            known = severities.get(word) or severity_of(word)
            self.fields[f"word_{number}"] = forms.TypedChoiceField(
                label=word or _("(empty)"),
                choices=[("", _("Choose")), *Severity.choices],
                coerce=int,
                empty_value=None,
                required=False,
                initial=known or "",
            )
        self.fieldsets = [(_("Columns"), [f"field_{each.name}" for each in FIELDS])]
        if self.words:
            names = [f"word_{number}" for number in range(len(self.words))]
            self.fieldsets.append((_("What the priorities mean"), names))

    def _words(self, column: str | None) -> list[str]:
        if column not in self.table.header:
            return []
        return sorted({cell.strip() for cell in self.table.column(column)})[:MAX_WORDS]

    @property
    def mapping(self) -> dict[str, str]:
        """{field: column}, '' for none."""
        return {each.name: self.cleaned_data[f"field_{each.name}"] for each in FIELDS}

    @property
    def severities(self) -> dict[str, int]:
        """{word: severity} of the words that were given one."""
        given = {word: self.cleaned_data.get(f"word_{number}") for number, word in enumerate(self.words)}
        return {word: severity for word, severity in given.items() if severity}
