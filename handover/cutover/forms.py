from django import forms
from django.utils.translation import gettext_lazy as _

from handover.cutover import verbs
from handover.cutover.models import CutoverRun, CutoverStep
from pmdm.registers.editing import VersionedForm
from projects.lifecycle.forms.people import PersonField


class StepForm(forms.ModelForm):
    owner = PersonField(required=True, label=_("Owner"), empty_label=_("Choose a person"))
    wide = ("title", "instructions", "rollback_trigger")

    class Meta:
        model = CutoverStep
        fields = ["kind", "title", "owner", "planned_start", "minutes", "instructions", "rollback_trigger"]
        widgets = {"instructions": forms.Textarea(attrs={"rows": 3}), "planned_start": forms.DateTimeInput}
        help_texts = {"minutes": _("Minutes."), "planned_start": _("Empty for steps of the rollback.")}

    def _post_clean(self):
        """The rule about times is the verb's, so that its words stand at the field."""
        self.instance = forms.models.construct_instance(self, self.instance, self._meta.fields, None)
        try:
            self.instance.clean_fields(exclude={"project", "handover"})
        except forms.ValidationError as error:
            self._update_errors(error)


class StepEditForm(StepForm, VersionedForm):
    class Meta(StepForm.Meta):
        pass

    def save_changes(self, *, by=None) -> None:
        verbs.change_step(self.instance, list(self._meta.fields or ()), by=by, version=self.cleaned_data["version"])


class BeginForm(forms.Form):
    kind = forms.ChoiceField(label=_("As"), choices=CutoverRun.Kind.choices)


class NoteForm(forms.Form):
    """What goes into the log with an event."""

    event = forms.CharField(widget=forms.HiddenInput, required=False, max_length=8)
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
