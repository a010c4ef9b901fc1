"""The guided form, step by step; what a reviewer answers."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pmdm.registers.editing import VersionedForm
from pmdm.registers.models import CODE
from projects.lifecycle.forms.charter import CharterFields
from projects.lifecycle.forms.people import PersonField
from projects.lifecycle.models import Project
from projects.requests.models import InitiationRequest
from projects.requests.steps import STEPS
from projects.types.forms import TypeField, template_of


class StepForm(CharterFields, VersionedForm):
    """The fields of one step. Saving asks for nothing but what was typed to be right; submitting asks for all."""

    use_required_attribute = False
    wide = ("name", "reason", "goal", "results", "excluded", "objective", "measure", "risks")

    class Meta:
        model = InitiationRequest
        fields = [name for step in STEPS for name in step.fields]

    def __init__(self, *args, step: int, **kwargs):
        super().__init__(*args, **kwargs)
        ours = STEPS[step - 1]
        for name in list(self.fields):
            if name not in (*ours.fields, "version"):
                del self.fields[name]
        for name in ("manager", "sponsor"):
            if name in self.fields:
                self.fields[name] = PersonField(
                    label=self.fields[name].label, help_text=self.fields[name].help_text, required=False
                )
        for name in ours.required:
            # Marked as needed; asked for when the request is submitted.
            self.fields[name].label = f"{str(self.fields[name].label).capitalize()} *"
        for name, field in self.fields.items():
            if name != "version" and name not in ours.required:
                field.label = str(field.label).capitalize()


class NewRequestForm(forms.ModelForm):
    class Meta:
        model = InitiationRequest
        fields = ["name"]
        labels = {"name": _("What shall the project be called?")}

    wide = ("name",)


class ReviewerForm(forms.Form):
    reviewer = forms.ModelChoiceField(label=_("Reviewer"), queryset=None, empty_label=None)

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        from pmdm.accounts.models import User

        self.fields["reviewer"].queryset = User.objects.filter(pk__in=[person.pk for person in people])


class DecisionForm(forms.Form):
    """Return with a reason, or approve with what the new project needs."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("approve", _("Approve: it becomes a project")), ("return", _("Return: something must change"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed when it is returned."),
    )
    code = forms.CharField(
        label=_("Code of the project"), required=False, max_length=24, validators=[CODE],
        help_text=_("Short and final: it stands in every address and number."),
    )  # fmt: skip
    manager = PersonField(label=_("Project manager"))
    sponsor = PersonField(label=_("Sponsor"))
    type = TypeField(help_text=_("Its template says which phases, gates, tasks, roles and risks it begins with."))

    def clean(self):
        data = super().clean()
        if data.get("decision") == "approve":
            for name in ("code", "manager", "sponsor"):
                if name not in self.errors and not data.get(name):
                    self.add_error(name, _("A project needs this."))
            code = data.get("code")
            if code and Project.objects.filter(code=code).exists():
                raise ValidationError(
                    {"code": _("%(code)s is taken. %(free)s is free.") % {"code": code, "free": Project.suggest_code()}}
                )
        return data

    def decide(self, request, *, by):
        data = self.cleaned_data
        if data["decision"] == "return":
            return request.send_back(by=by, reason=data["reason"])
        return request.approve(
            by=by,
            code=data["code"],
            manager=data["manager"],
            sponsor=data["sponsor"],
            reason=data["reason"],
            template=template_of(data)["template"],
        )
