"""Forms of problems."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from delivery.issues.forms import TextForm, people_of
from delivery.issues.problems.models import Problem
from pmdm.registers.editing import VersionedForm
from pmdm.ui.forms import FilterForm

AREA = {"rows": 3}


class ProblemNewForm(forms.ModelForm):
    """What is suspected, and which issues point to it."""

    issues = forms.CharField(
        required=False, label=_("Its issues"), max_length=500, help_text=_("Their numbers: ISS-14, ISS-15.")
    )
    wide = {"title"}

    class Meta:
        model = Problem
        fields = ["title", "description", "owner"]

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product
        self.fields["owner"].queryset = people_of(product)
        self.fields["owner"].empty_label = _("Nobody yet")

    def clean_issues(self):
        return issues_by_number(self.product, self.cleaned_data["issues"])


class ProblemForm(VersionedForm):
    """Edits what is said about a problem."""

    wide = {"title"}

    class Meta:
        model = Problem
        fields = ["title", "description", "owner", "root_cause", "workaround"]

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people_of(product)
        self.fields["owner"].empty_label = _("Nobody yet")

    def clean(self):
        data = super().clean()
        for name in ("root_cause", "workaround"):
            if self.instance.state == Problem.State.KNOWN_ERROR and not (data.get(name) or "").strip():
                self.add_error(name, _("A known error says both its cause and the way around it."))
        return data


def issues_by_number(product, text: str) -> list:
    """The issues of a product that a text names ('ISS-14, 15'); ValidationError with those that are not there."""
    words = re.split(r"[\s,;]+", text.strip()) if text.strip() else []
    numbers = {word: int(found[1]) for word in words if (found := re.fullmatch(r"(?:ISS-)?(\d{1,9})", word, re.I))}
    issues = {issue.number: issue for issue in product.issues.filter(number__in=numbers.values())}
    wrong = [word for word in words if numbers.get(word) not in issues]
    if wrong:
        raise forms.ValidationError(
            _("There is no issue %(words)s here. Write numbers such as ISS-14, ISS-15.") % {"words": ", ".join(wrong)}
        )
    return list(issues.values())


class LinkForm(forms.Form):
    """Which issues come from the problem."""

    issues = forms.CharField(label=_("Issues"), max_length=500, help_text=_("Their numbers: ISS-14, ISS-15."))

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product

    def clean_issues(self):
        return issues_by_number(self.product, self.cleaned_data["issues"])


class OfIssueForm(forms.Form):
    """The problem behind an issue: one that is known, or a new one."""

    problem = forms.ModelChoiceField(
        Problem.objects.none(), required=False, label=_("Problem"), empty_label=_("A new one, with the title below")
    )
    title = forms.CharField(label=_("Title of a new problem"), required=False, max_length=250)
    wide = {"title"}

    def __init__(self, *args, product, issue, **kwargs):
        super().__init__(*args, initial={"title": issue.title}, **kwargs)
        self.fields["problem"].queryset = product.problems.open()

    def clean(self):
        data = super().clean()
        if not data.get("problem") and not data.get("title") and not self.errors:
            self.add_error("title", _("Choose a problem, or give a new one a title."))
        return data


def link_problem(issue, *, by, problem=None, title="") -> Problem:
    """Name the problem behind an issue: one that is there, or a new one of that title."""
    if problem:
        problem.link(issue, by=by)
        return problem
    return Problem.raise_problem(issue.product, by=by, title=title, issues=[issue])


class PublishForm(forms.Form):
    """Cause and workaround; the title is what anybody may read."""

    title = forms.CharField(label=_("Title"), max_length=250, help_text=_("As anybody may read it: name no client."))
    root_cause = forms.CharField(
        label=_("Root cause"), widget=forms.Textarea(attrs=AREA), max_length=20000, help_text=_("For ourselves.")
    )
    workaround = forms.CharField(
        label=_("Workaround"), widget=forms.Textarea(attrs=AREA), max_length=20000, help_text=_("Reporters read it.")
    )
    wide = {"title"}

    def __init__(self, *args, problem, **kwargs):
        initial = {name: getattr(problem, name) for name in ("title", "root_cause", "workaround")}
        super().__init__(*args, initial=initial, **kwargs)


class ProblemResolveForm(forms.Form):
    """How the cause was removed; its open issues may follow."""

    resolution = forms.CharField(label=_("Resolution"), widget=forms.Textarea(attrs=AREA), max_length=20000)
    root_cause = forms.CharField(label=_("Root cause"), widget=forms.Textarea(attrs=AREA), max_length=20000)
    fixed_in = forms.ModelChoiceField(None, required=False, label=_("Fixed in release"), empty_label=_("No release"))

    def __init__(self, *args, problem, **kwargs):
        super().__init__(*args, initial={"root_cause": problem.root_cause, "with_issues": True}, **kwargs)
        self.fields["fixed_in"].queryset = problem.product.releases.all()
        if count := problem.issues.open().count():
            label = ngettext("Resolve its open issue too", "Resolve its %(n)d open issues too", count) % {"n": count}
            self.fields["with_issues"] = forms.BooleanField(
                required=False, label=label, help_text=_("Their customers read the same resolution.")
            )


class ProblemCloseForm(forms.Form):
    """Nothing more is done; its resolved issues may be closed with it."""

    def __init__(self, *args, problem, **kwargs):
        super().__init__(*args, initial={"with_issues": True}, **kwargs)
        if count := problem.issues.filter(state="resolved").count():
            label = ngettext("Close its resolved issue too", "Close its %(n)d resolved issues too", count) % {
                "n": count
            }
            self.fields["with_issues"] = forms.BooleanField(required=False, label=label)


class ReopenForm(TextForm):
    def __init__(self, *args, problem, **kwargs):
        super().__init__(*args, label=_("What is still wrong?"), **kwargs)


class ProblemFilter(FilterForm):
    """Narrows the list; open problems unless asked otherwise."""

    q = forms.CharField(required=False, label=_("Search"), max_length=200)
    state = forms.ChoiceField(
        required=False, label=_("State"), choices=[("", _("Open")), *Problem.State.choices, ("all", _("All"))]
    )

    def filter(self, problems):
        data = self.cleaned_data
        if not data["state"]:
            problems = problems.open()
        elif data["state"] != "all":
            problems = problems.filter(state=data["state"])
        for word in self.words():
            problems = problems.filter(title__icontains=word)
        return problems
