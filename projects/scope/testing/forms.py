from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pmdm.activity.asof import AsOfFilter
from pmdm.files.forms import AttachmentField
from pmdm.registers.editing import VersionedForm
from projects.lifecycle.forms.people import members_of
from projects.scope.deliverables.forms import requirements_field
from projects.scope.testing.models import TestCase, TestRun
from projects.scope.tracing.models import set_requirements


class CaseFilter(AsOfFilter):
    q = forms.CharField(label=_("Number or words"), required=False, max_length=200)
    result = forms.ChoiceField(
        label=_("Latest result"), required=False, choices=[("", _("Any")), *TestRun.Result.choices]
    )

    def filter(self, queryset):
        wanted = self.cleaned_data["result"]
        if wanted:
            queryset = queryset.filter(latest=None if wanted == "not_run" else wanted)
        for word in self.words():
            match = Q(title__icontains=word) | Q(steps__icontains=word)
            digits = word.upper().removeprefix("TC-")
            if digits.isdecimal() and len(digits) < 9:
                match |= Q(number=int(digits))
            queryset = queryset.filter(match)
        return queryset


FIELDS = ["title", "preconditions", "steps", "expected", "owner"]


class CaseFields(forms.ModelForm):
    wide = ("title",)

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.project = project
        self.fields["owner"].queryset = members_of(project)
        self.fields["requirements"] = requirements_field(project)
        if self.instance.pk:
            self.initial["requirements"] = list(self.instance.trace_links.values_list("requirement", flat=True))


class CaseForm(CaseFields):
    class Meta:
        model = TestCase
        fields = FIELDS

    def create(self, *, by):
        return TestCase.write_down(self.project, by=by, **self.cleaned_data)


class CaseEditForm(CaseFields, VersionedForm):
    class Meta:
        model = TestCase
        fields = FIELDS

    def save_all(self, *, by):
        self.save_changes()
        set_requirements("case", self.instance, self.cleaned_data["requirements"], by=by)


class SessionForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=250)
    planned_on = forms.DateField(label=_("Planned on"), required=False, widget=forms.DateInput)
    environment = forms.CharField(
        label=_("Environment"), required=False, max_length=250, help_text=_("What is tested, and where it runs.")
    )
    cases = forms.ModelMultipleChoiceField(
        None,
        label=_("Test cases"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one test case.")},
    )

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cases"].queryset = project.test_cases.all()


class RunForm(forms.Form):
    result = forms.ChoiceField(label=_("Result"), choices=TestRun.Result.choices)
    note = forms.CharField(
        label=_("What happened"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )
    issue = forms.ModelChoiceField(
        None, label=_("Issue, when it failed"), required=False, empty_label=_("A new one, named below")
    )
    new_issue = forms.CharField(label=_("Title of the new issue"), required=False, max_length=250)
    file = AttachmentField(label=_("Protocol or picture"))

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["issue"].queryset = project.issues.open()
