import re
from collections.abc import Collection

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.activity.asof import AsOfFilter
from projects.scope.models import Requirement
from projects.scope.tracing import matrix
from projects.scope.tracing.columns import Column
from projects.scope.tracing.models import link

# What a reference may begin with: the kind of link and where it is looked up.
PREFIXES = {
    "D": ("deliverable", "deliverables"),
    "TC": ("case", "test_cases"),
    "CR": ("change", "change_requests"),
    "R": ("risk", "risks"),
    "ISS": ("issue", "issues"),
    "": ("task", "tasks"),
}
REFERENCE = re.compile(r"\s*(?:(D|TC|CR|R|ISS)\s*-\s*|#?\s*)(\d{1,8})\s*", re.IGNORECASE)


class LinkForm(forms.Form):
    """One field for every kind: D-1, TC-2, CR-5, R-3, ISS-4, or #12 for the task in row 12 of the plan."""

    reference = forms.CharField(
        label=gettext_lazy("Link to"),
        max_length=30,
        widget=forms.TextInput(attrs={"placeholder": "D-1, TC-2, CR-5, R-3, ISS-4, #12"}),
        help_text=gettext_lazy(
            "A deliverable, test case, change, risk or issue by its number, a task by its row in the plan."
        ),
    )

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.project = project

    def clean_reference(self):
        typed = self.cleaned_data["reference"]
        match = REFERENCE.fullmatch(typed)
        if not match:
            raise forms.ValidationError(
                _("“%(typed)s” is no reference. Taken are D-1, TC-2, CR-5, R-3, ISS-4, or #12 for the task in row 12.")
                % {"typed": typed}
            )
        kind, rows = PREFIXES[(match[1] or "").upper()]
        target = getattr(self.project, rows).filter(number=int(match[2])).first()
        # A draft of a change is its writer's: it is linked when it is submitted.
        if target is None or (kind == "change" and target.state == "draft"):
            raise forms.ValidationError(_("There is no %(typed)s in this project.") % {"typed": typed.strip()})
        self.kind = kind
        return target

    def save(self, requirement, *, by):
        link(self.kind, [requirement], self.cleaned_data["reference"], by=by)


GAPS = [
    ("", gettext_lazy("All requirements")),
    ("case", gettext_lazy("Without test")),
    ("deliverable", gettext_lazy("Without deliverable")),
    ("task", gettext_lazy("Without task")),
    ("fail", gettext_lazy("With a failed test")),
]


class MatrixFilter(AsOfFilter):
    q = forms.CharField(label=gettext_lazy("Number or words"), required=False, max_length=200)
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False, choices=[("", gettext_lazy("Any")), *Requirement.State.choices]
    )
    gap = forms.ChoiceField(label=gettext_lazy("Gap"), required=False)

    def __init__(self, *args, project, columns: Collection[Column] = (), **kwargs):
        super().__init__(*args, **kwargs)
        self.project = project
        self.told = {gap.key: (column, gap.label) for column in columns for gap in column.gaps}
        gap = self.fields["gap"]
        assert isinstance(gap, forms.ChoiceField)
        more = [(key, label) for key, (_column, label) in self.told.items()]
        gap.choices = [*GAPS, *more]

    def filter(self, queryset):
        data = self.cleaned_data
        if data["state"]:
            queryset = queryset.filter(state=data["state"])
        if data["gap"] in self.told:
            column, _label = self.told[data["gap"]]
            queryset = queryset.filter(pk__in=column.having(data["gap"], matrix.known(self.project, data["as_of"])))
        elif data["gap"] == "fail":
            queryset = queryset.filter(matrix.fails())
        elif data["gap"]:
            queryset = queryset.exclude(state="rejected").exclude(priority="wont").filter(~matrix.has(data["gap"]))
        for word in self.words():
            match = Q(title__icontains=word)
            digits = word.upper().removeprefix("REQ-")
            if digits.isdecimal() and len(digits) < 9:
                match |= Q(number=int(digits))
            queryset = queryset.filter(match)
        return queryset
