from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pmdm.activity.asof import AsOfFilter
from pmdm.files.forms import AttachmentField
from pmdm.registers.editing import VersionedForm
from projects.lifecycle.forms.people import members_of
from projects.scope.deliverables.models import Deliverable
from projects.scope.tracing.models import set_requirements


class DeliverableFilter(AsOfFilter):
    q = forms.CharField(label=_("Number or words"), required=False, max_length=200)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any")), *Deliverable.State.choices])

    def filter(self, queryset):
        if self.cleaned_data["state"]:
            queryset = queryset.filter(state=self.cleaned_data["state"])
        for word in self.words():
            match = Q(title__icontains=word) | Q(description__icontains=word)
            digits = word.upper().removeprefix("D-")
            if digits.isdecimal() and len(digits) < 9:
                match |= Q(number=int(digits))
            queryset = queryset.filter(match)
        return queryset


def requirements_field(project) -> forms.ModelMultipleChoiceField:
    """Any requirement that is not rejected."""
    return forms.ModelMultipleChoiceField(
        project.requirements.exclude(state="rejected"),
        label=_("Requirements"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("Hold Ctrl or ⌘ to choose several."),
    )


class DeliverableFields(forms.ModelForm):
    wide = ("title",)

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.project = project
        self.fields["owner"].queryset = members_of(project)
        self.fields["task"].queryset = project.tasks.filter(is_summary=False, is_active=True)
        self.fields["requirements"] = requirements_field(project)
        if self.instance.pk:
            self.initial["requirements"] = list(self.instance.trace_links.values_list("requirement", flat=True))


FIELDS = ["title", "description", "owner", "due", "task"]


class DeliverableForm(DeliverableFields):
    class Meta:
        model = Deliverable
        fields = FIELDS

    def create(self, *, by):
        return Deliverable.plan(self.project, by=by, **self.cleaned_data)


class DeliverableEditForm(DeliverableFields, VersionedForm):
    class Meta:
        model = Deliverable
        fields = FIELDS

    def save_all(self, *, by):
        self.save_changes()
        set_requirements("deliverable", self.instance, self.cleaned_data["requirements"], by=by)


class SubmissionForm(forms.Form):
    file = AttachmentField(help_text=_("The deliverable itself, where it is a file."))


class DecisionForm(forms.Form):
    """Two buttons, accept and reject; the reason is needed for a rejection."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed to reject: what is missing, so that it can be put right."),
    )
    decision = forms.ChoiceField(choices=[("accept", ""), ("reject", "")], widget=forms.HiddenInput)

    def verdict(self) -> dict:
        return {"accept": self.cleaned_data["decision"] == "accept", "reason": self.cleaned_data["reason"]}


class DeliveryForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=250)
    note = forms.CharField(
        label=_("Note to whoever accepts"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )
    deliverables = forms.ModelMultipleChoiceField(
        None,
        label=_("Deliverables"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one deliverable.")},
    )

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["deliverables"].queryset = project.deliverables.filter(state__in=Deliverable.OPEN_STATES).exclude(
            delivery__state__in=("planned", "submitted")
        )
