"""The text of the end report, decisions about open things, and what the sponsor answers."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.registers.editing import VersionedForm
from projects.closing.cancelling import Salvage
from projects.closing.matters import Matter
from projects.closing.models import ClosingDecision, EndReport, SalvageItem
from projects.lifecycle.forms.people import PersonField

SHOWN = 30  # rows of one kind that can be decided one by one on the page
REASON = 2000


class ReportForm(VersionedForm):
    wide = ("reached", "missed", "advice", "release")

    class Meta:
        model = EndReport
        fields = ["reached", "missed", "advice", "released_on", "release"]

    def clean_reached(self):
        text = self.cleaned_data["reached"].strip()
        if not text:
            raise ValidationError(_("Say in a few sentences what was reached."))
        return text

    def write(self) -> None:
        if not self.instance.is_open:
            raise ValidationError(_("The report has been submitted; withdraw it to change it."))
        self.save_changes()


class MatterForm(forms.Form):
    """Decisions about the open things of one kind: each in its row, and one for all that are left."""

    def __init__(self, data=None, *, matter: Matter, **kwargs):
        super().__init__(data, auto_id=f"{matter.kind.code}-%s", **kwargs)
        self.matter = matter
        labels = dict(ClosingDecision.Decision.choices)
        choices = [("", "–"), *((code, labels[code]) for code in matter.kind.decisions)]
        self.shown = sorted(matter.items, key=lambda item: item.decision is not None)[:SHOWN]
        if not matter.kind.decisions:
            return
        for item in self.shown:
            self._row(f"row{item.key}", choices, item.decision)
        if matter.count > 1:
            self._row("all", choices, None)

    def _row(self, name, choices, decided) -> None:
        self.fields[name] = forms.ChoiceField(
            label=gettext_lazy("Decision"), choices=choices, required=False, initial=decided and decided.decision
        )
        self.fields[f"{name}-reason"] = forms.CharField(
            label=gettext_lazy("Reason"),
            required=False,
            max_length=REASON,
            initial=decided and decided.reason,
            widget=forms.TextInput(attrs={"placeholder": _("Why is this right?")}),
        )

    def rows(self):
        """(item, its fields) for the page."""
        for item in self.shown:
            name = f"row{item.key}"
            yield (
                item,
                self[name] if name in self.fields else None,
                self[f"{name}-reason"] if name in self.fields else None,
            )

    def for_all(self):
        return (self["all"], self["all-reason"]) if "all" in self.fields else None

    @property
    def more(self) -> int:
        return self.matter.count - len(self.shown)

    def clean(self):
        data = super().clean()
        for name in list(self.fields):
            if name.endswith("-reason"):
                continue
            decision, reason = data.get(name), (data.get(f"{name}-reason") or "").strip()
            if decision and not reason:
                self.add_error(f"{name}-reason", _("Say why: the reason stands in the end report."))
            elif reason and not decision and f"{name}-reason" in self.changed_data:
                self.add_error(name, _("Choose what becomes of it."))
        return data

    def save(self, report, *, by) -> int:
        """Write what changed; how many decisions were made."""
        data, choices = self.cleaned_data, {}
        for item in self.shown:
            decision, reason = data.get(f"row{item.key}"), (data.get(f"row{item.key}-reason") or "").strip()
            was = item.decision
            if decision and (was is None or (was.decision, was.reason) != (decision, reason)):
                choices[item.key] = (decision, reason)
        if data.get("all"):
            left = [item for item in self.matter.undecided if item.key not in choices]
            choices |= {item.key: (data["all"], data["all-reason"]) for item in left}
        return report.decide_each(self.matter.kind.code, choices, by=by) if choices else 0


class AuthorisationForm(forms.Form):
    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[
            ("authorise", gettext_lazy("Authorise: the project is closed and read-only")),
            ("return", gettext_lazy("Return: something must change first")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Needed when it is returned."),
    )

    def decide(self, report, *, by):
        data = self.cleaned_data
        if data["decision"] == "return":
            return report.send_back(by=by, reason=data["reason"])
        return report.authorise(by=by, reason=data["reason"])


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Why the project ends without its result. Kept with the project."),
    )


class SalvageForm(forms.ModelForm):
    """One line of the salvage list; a row that is left empty counts as none."""

    taker = PersonField(label=gettext_lazy("Who takes it"), required=True)

    class Meta:
        model = SalvageItem
        fields = ["what", "kind", "goes_to", "taker"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.is_required = False

    def line(self) -> Salvage:
        return Salvage(**{name: self.cleaned_data[name] for name in ("what", "kind", "goes_to", "taker")})


EMPTY_ROWS, MOST_ROWS = 3, 40


def salvage_rows(data=None, *, typed=()):
    """The rows of the salvage list; with ``data``, as many as were sent. ``typed``: what stands in the first."""
    kind = forms.formset_factory(SalvageForm, extra=EMPTY_ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS)
    if data is not None and f"salvage-{TOTAL_FORM_COUNT}" not in data:
        data = {**data.dict(), f"salvage-{TOTAL_FORM_COUNT}": 0, f"salvage-{INITIAL_FORM_COUNT}": 0}
    return kind(data, prefix="salvage", initial=list(typed) or None)


class AcceptanceForm(forms.Form):
    """What of a cancelled project is accepted as it is: a word on the state of each; empty: not accepted."""

    def __init__(self, *args, parts, **kwargs):
        super().__init__(*args, auto_id="part-%s", **kwargs)
        self.parts = parts  # {kind: rows}
        for kind, rows in parts.items():
            for row in rows:
                self.fields[f"{kind}-{row.pk}"] = forms.CharField(
                    label=str(row),
                    required=False,
                    max_length=500,
                    widget=forms.TextInput(attrs={"placeholder": _("In which state is it accepted?")}),
                )

    def rows(self):
        for kind, rows in self.parts.items():
            for row in rows:
                yield row, self[f"{kind}-{row.pk}"]

    def notes(self) -> dict[tuple[str, int], str]:
        found = {}
        for kind, rows in self.parts.items():
            for row in rows:
                if note := self.cleaned_data[f"{kind}-{row.pk}"].strip():
                    found[kind, row.pk] = note
        return found

    def clean(self):
        data = super().clean()
        if not self.errors and not any((data.get(name) or "").strip() for name in self.fields):
            raise ValidationError(_("Say of at least one in which state it is accepted."))
        return data
