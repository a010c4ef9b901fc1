"""Forms of criteria and of the library: they parse; the verbs decide."""

from django import forms
from django.utils.translation import gettext_lazy as _

from handover.criteria.models import Category, Criterion, LibraryCriterion
from handover.criteria.verbs import approvers
from handover.transfer.actions import owners_of_conditions
from handover.transfer.models import Handover
from pmdm.files.forms import AttachmentField
from pmdm.registers.editing import VersionedForm


class Seen(forms.Form):
    """Sends the version of the line as it was read."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, line, **kwargs):
        kwargs.setdefault("initial", {}).setdefault("seen", line.version)
        super().__init__(*args, **kwargs)
        self.line = line


class EvidenceForm(Seen):
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=500,
        required=False,
        help_text=_("A sentence or a link; or attach a file."),
    )
    file = AttachmentField(label=_("File"))


class VerdictForm(Seen):
    verdict = forms.CharField(label=_("Your word"), max_length=500, required=False, help_text=_("Needed if not met."))


class WaiverForm(Seen):
    reason = forms.CharField(
        label=_("Why it cannot be met now"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    expires = forms.DateField(
        label=_("Until"), widget=forms.DateInput, help_text=_("On that day it opens again as an issue in operations.")
    )
    approver = forms.ModelChoiceField(label=_("Approver"), queryset=None, empty_label=None)

    def __init__(self, *args, line, **kwargs):
        super().__init__(*args, line=line, **kwargs)
        people = [one.pk for one in approvers(line.handover) if one.pk != line.owner_id]
        self.fields["approver"].queryset = owners_of_conditions(line.handover).filter(pk__in=people)


class AnswerForm(Seen):
    note = forms.CharField(label=_("Reason, if you do not waive it"), max_length=500, required=False)


class CommentForm(forms.Form):
    text = forms.CharField(label=_("Comment"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class LineForm(forms.ModelForm):
    """A line of one handover: what it says, who shows it, who verifies it."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    wide = ("text", "guidance")

    class Meta:
        model = Criterion
        fields = ["category", "text", "guidance", "is_required", "owner", "verifier"]
        widgets = {"guidance": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args, handover, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = self.instance.version
        for name in ("owner", "verifier"):
            self.fields[name].queryset = owners_of_conditions(handover)
            self.fields[name].empty_label = _("Nobody yet")

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("owner") and cleaned.get("owner") == cleaned.get("verifier"):
            self.add_error("verifier", _("The verifier is somebody other than the owner."))
        return cleaned

    def _get_validation_exclusions(self):
        # The verb keeps what must always hold; its words are ours.
        return {*super()._get_validation_exclusions(), "owner", "verifier"}

    @property
    def values(self) -> dict:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class LibraryFields:
    wide = ("text", "guidance")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kinds"] = forms.MultipleChoiceField(
            label=_("Kinds of product"),
            choices=Handover.Kind.choices,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choose at least one kind of product.")},
        )


FIELDS = ["category", "text", "guidance", "kinds", "is_required", "provided_by"]


class LibraryNewForm(LibraryFields, forms.ModelForm):
    class Meta:
        model = LibraryCriterion
        fields = FIELDS
        widgets = {"guidance": forms.Textarea(attrs={"rows": 2})}


class LibraryForm(LibraryFields, VersionedForm):
    class Meta:
        model = LibraryCriterion
        fields = FIELDS
        widgets = {"guidance": forms.Textarea(attrs={"rows": 2})}


class LibraryFilter(forms.Form):
    kind = forms.ChoiceField(required=False, choices=[("", _("All kinds")), *Handover.Kind.choices])
    category = forms.ChoiceField(required=False, choices=[("", _("All")), *Category.choices])
