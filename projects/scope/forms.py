from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pmdm.activity.asof import AsOfFilter
from pmdm.files.forms import AttachmentField
from pmdm.registers.editing import VersionedForm
from projects.lifecycle.forms.people import members_of
from projects.scope.models import AcceptanceCriterion, Requirement, RequirementVersion


class RequirementFilter(AsOfFilter):
    q = forms.CharField(label=_("Number or words"), required=False, max_length=200)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any")), *Requirement.State.choices])
    priority = forms.ChoiceField(
        label=_("Priority"), required=False, choices=[("", _("Any")), *Requirement.Priority.choices]
    )
    type = forms.ChoiceField(label=_("Type"), required=False, choices=[("", _("Any")), *Requirement.Type.choices])
    creep = forms.BooleanField(label=_("After the baseline"), required=False)

    def filter(self, queryset):
        data = self.cleaned_data
        if data["state"]:
            queryset = queryset.filter(state=data["state"])
        if data["priority"]:
            queryset = queryset.filter(priority=data["priority"])
        if data["type"]:
            queryset = queryset.filter(type=data["type"])
        if data["creep"]:
            queryset = queryset.after_baseline()
        for word in self.words():
            match = Q(title__icontains=word) | Q(text__icontains=word) | Q(source__icontains=word)
            digits = word.upper().removeprefix("REQ-")
            if digits.isdecimal() and len(digits) < 9:
                match |= Q(number=int(digits))
            queryset = queryset.filter(match)
        return queryset


FIELDS = ["title", "text", "type", "priority", "source", "owner"]


class RequirementForm(forms.ModelForm):
    criteria = forms.CharField(
        label=_("Acceptance criteria"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One on each line: what must be true before it counts as delivered. You can add more later."),
    )
    wide = ("title",)

    class Meta:
        model = Requirement
        fields = FIELDS

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.project = project
        self.fields["owner"].queryset = members_of(project)

    def clean_criteria(self):
        lines = [line.strip() for line in self.cleaned_data["criteria"].splitlines() if line.strip()]
        if long := next((line for line in lines if len(line) > 400), None):
            raise forms.ValidationError(_("“%(start)s…” is longer than 400 characters.") % {"start": long[:40]})
        return lines

    def create(self, *, by):
        return Requirement.write_down(self.project, by=by, **self.cleaned_data)


class RequirementEditForm(VersionedForm):
    wide = ("title",)

    class Meta:
        model = Requirement
        fields = FIELDS

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = members_of(project)


class ProposalForm(forms.ModelForm):
    """The next version of an approved text: what it says, and why it changes."""

    wide = ("title", "reason")

    class Meta:
        model = RequirementVersion
        fields = ["title", "text", "type", "priority", "source", "reason"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        reason = self.fields["reason"]
        reason.required = True
        reason.help_text = _("Shown beside the difference to whoever approves it.")


class DraftForm(ProposalForm, VersionedForm):
    """Changes a draft that nobody has approved yet."""

    class Meta(ProposalForm.Meta):
        pass


class DecisionForm(forms.Form):
    """Names the draft as it was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class RemovalForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it is no longer delivered"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The frozen baseline keeps counting it; it is listed as removed."),
    )


class CriterionForm(forms.ModelForm):
    class Meta:
        model = AcceptanceCriterion
        fields = ["text"]
        widgets = {
            "text": forms.TextInput(attrs={"placeholder": _("What must be true, so that anybody could check it")})
        }


class CheckForm(forms.Form):
    result = forms.ChoiceField(label=_("Result"), choices=AcceptanceCriterion.Result.choices)
    evidence = forms.CharField(
        label=_("Evidence"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"placeholder": _("Evidence: a document, a link, a test")}),
    )
    file = AttachmentField()


class MoveForm(forms.Form):
    state = forms.ChoiceField(choices=Requirement.State.choices)
