from django import forms
from django.utils.translation import gettext_lazy as _

from handover.knowledge import verbs
from handover.knowledge.models import Material, Proof, Topic, TrainingSession
from pmdm.accounts.models import User
from pmdm.files.forms import AttachmentField
from pmdm.registers.editing import VersionedForm
from projects.lifecycle.forms.people import PersonField


class TopicForm(forms.ModelForm):
    wide = ("title", "description")

    class Meta:
        model = Topic
        fields = ["title", "description", "is_critical", "needed"]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}


class TopicEditForm(TopicForm, VersionedForm):
    class Meta(TopicForm.Meta):
        pass

    def save_changes(self, *, by=None) -> None:
        verbs.change_topic(self.instance, list(self._meta.fields or ()), by=by, version=self.cleaned_data["version"])


class LearnerForm(forms.Form):
    user = PersonField(required=True, label=_("Person"), empty_label=_("Choose a person"))


class MaterialForm(forms.ModelForm):
    upload = AttachmentField()
    wide = ("title", "note")

    class Meta:
        model = Material
        fields = ["kind", "topic", "title", "link", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, handover, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["topic"].queryset = handover.topics.all()
        self.fields["topic"].empty_label = _("None in particular")

    def _post_clean(self):
        """The verb says what is missing: the file is no field of the model."""


class SessionForm(forms.ModelForm):
    wide = ("topics", "attendees", "materials", "note")

    class Meta:
        model = TrainingSession
        fields = ["kind", "held_on", "leader", "topics", "attendees", "materials", "note"]
        widgets = {
            "held_on": forms.DateInput,
            "topics": forms.CheckboxSelectMultiple,
            "attendees": forms.CheckboxSelectMultiple,
            "materials": forms.CheckboxSelectMultiple,
            "note": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args, handover, **kwargs):
        super().__init__(*args, **kwargs)
        ours = User.objects.filter(is_active=True, organisation=None)
        self.fields["leader"].queryset = ours
        self.fields["topics"].queryset = handover.topics.all()
        self.fields["attendees"].queryset = ours.filter(pk__in=handover.learners.values("user"))
        self.fields["materials"].queryset = handover.materials.all()
        if not handover.materials.all():
            del self.fields["materials"]
        self.fields["topics"].error_messages["required"] = _("Choose at least one topic.")
        self.fields["attendees"].error_messages["required"] = _("Choose who was there.")


class ProofForm(forms.Form):
    kind = forms.ChoiceField(label=_("How"), choices=Proof.Kind.choices)
    passed = forms.TypedChoiceField(
        label=_("Result"),
        choices=[("yes", _("Passed: can do it alone")), ("no", _("Not yet"))],
        coerce=lambda value: value == "yes",
    )
    score = forms.IntegerField(
        label=_("Score"), required=False, min_value=0, max_value=100, help_text=_("Percent, of a quiz.")
    )
    judged_by = PersonField(required=True, label=_("Judged by"))
    note = forms.CharField(
        label=_("What was shown"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    wide = ("note",)

    def __init__(self, *args, person, by, **kwargs):
        super().__init__(*args, **kwargs)
        judges = self.fields["judged_by"]
        assert isinstance(judges, forms.ModelChoiceField)
        judges.queryset = judges.queryset.exclude(pk=person.pk)
        judges.initial = by
