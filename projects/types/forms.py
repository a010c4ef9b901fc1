"""Editing a template section by section; choosing one for a new project."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.registers.editing import VersionedForm
from projects.lifecycle.models import ChecklistItem, Phase
from projects.team.models import Membership
from projects.types import engine
from projects.types.models import ProjectType

EMPTY_ROWS = 4
RESPONSES = [(name, name.capitalize() or "–") for name in engine.template.RESPONSES]


class TypeForm(forms.ModelForm):
    wide = ("description",)

    class Meta:
        model = ProjectType
        fields = ["name", "slug", "description"]


class TypeEditForm(VersionedForm):
    wide = ("description",)

    class Meta:
        model = ProjectType
        fields = ["name", "description", "is_offered"]


class PublishForm(forms.Form):
    note = forms.CharField(label=gettext_lazy("What changed since the version before"), required=False, max_length=500)


class RowForm(forms.Form):
    """One row of a section; a row whose first field is left empty counts as none."""

    def __init__(self, *args, template: engine.Template, **kwargs):
        super().__init__(*args, **kwargs)
        self.template = template
        self._offer("phase", [(phase.key, phase.name) for phase in template.phases])
        if isinstance(self, TaskRow):
            self._offer("role", [("", "–"), *((role.key, role.name) for role in template.roles)])
        for field in self.fields.values():
            field.widget.is_required = False

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields.get(name)
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    @property
    def first(self) -> str:
        return next(iter(self.fields))

    @property
    def is_blank(self) -> bool:
        return not (self.data.get(self.add_prefix(self.first)) or "").strip()

    def full_clean(self):
        if self.is_bound and self.is_blank:
            # Emptied, or never filled: the row goes.
            self._errors = forms.utils.ErrorDict()
            self.cleaned_data = {}
            return
        super().full_clean()


class PhaseRow(RowForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    key = forms.SlugField(label=gettext_lazy("Key"), max_length=40)
    kind = forms.ChoiceField(label=gettext_lazy("In the life cycle"), choices=Phase.Kind.choices)


class LineRow(RowForm):
    text = forms.CharField(label=gettext_lazy("What the gate asks for"), max_length=300)
    phase = forms.ChoiceField(label=gettext_lazy("Phase"))
    required = forms.BooleanField(label=gettext_lazy("Required"), required=False, initial=True)
    evidence = forms.ChoiceField(label=gettext_lazy("Evidence"), choices=ChecklistItem.Evidence.choices)


class DocumentRow(RowForm):
    title = forms.CharField(label=gettext_lazy("Document"), max_length=280)
    phase = forms.ChoiceField(label=gettext_lazy("Phase"))
    required = forms.BooleanField(label=gettext_lazy("Required"), required=False, initial=True)


class RoleRow(RowForm):
    name = forms.CharField(label=gettext_lazy("Role"), max_length=100)
    key = forms.SlugField(label=gettext_lazy("Key"), max_length=40)
    role = forms.ChoiceField(
        label=gettext_lazy("In the project"),
        choices=[choice for choice in Membership.ROLES if choice[0] in engine.template.PROJECT_ROLES],
        initial="member",
    )
    skill = forms.CharField(label=gettext_lazy("Skill"), max_length=100, required=False)


class TaskRow(RowForm):
    name = forms.CharField(label=gettext_lazy("Task"), max_length=300)
    key = forms.SlugField(label=gettext_lazy("Key"), max_length=40)
    phase = forms.ChoiceField(label=gettext_lazy("Phase"))
    days = forms.IntegerField(label=gettext_lazy("Days"), min_value=0, max_value=engine.template.MAX_DAYS, initial=1)
    offset = forms.IntegerField(
        label=gettext_lazy("Starts after (days)"), min_value=0, max_value=engine.template.MAX_DAYS, initial=0
    )
    anchor = forms.ChoiceField(
        label=gettext_lazy("Counted from"),
        choices=[("phase", gettext_lazy("start of the phase")), ("project", gettext_lazy("start of the project"))],
    )
    after = forms.CharField(
        label=gettext_lazy("Waits for"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"placeholder": "design; build SS+2"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Who"), required=False)


class RiskRow(RowForm):
    title = forms.CharField(label=gettext_lazy("Risk"), max_length=250)
    category = forms.CharField(label=gettext_lazy("Category"), max_length=100, required=False)
    probability = forms.IntegerField(label=gettext_lazy("Probability"), min_value=1, max_value=5, required=False)
    impact = forms.IntegerField(label=gettext_lazy("Impact"), min_value=1, max_value=5, required=False)
    response = forms.ChoiceField(label=gettext_lazy("Response"), choices=RESPONSES, required=False)
    response_plan = forms.CharField(label=gettext_lazy("Response plan"), max_length=1000, required=False)
    description = forms.CharField(label=gettext_lazy("Cause and effect"), max_length=2000, required=False)


ROWS: dict[str, type[RowForm]] = {
    "phases": PhaseRow,
    "lines": LineRow,
    "documents": DocumentRow,
    "roles": RoleRow,
    "tasks": TaskRow,
    "risks": RiskRow,
}
TITLES = {
    "phases": gettext_lazy("Phases"),
    "lines": gettext_lazy("What gates ask for"),
    "documents": gettext_lazy("Documents to be made"),
    "roles": gettext_lazy("Roles to be filled"),
    "tasks": gettext_lazy("Tasks"),
    "risks": gettext_lazy("Risks"),
}


def section_rows(section: str, template: engine.Template, data=None):
    """The rows of one section; with ``data``, as many as were sent."""
    rows = engine.write(template)[section]
    kind = forms.formset_factory(
        ROWS[section], extra=EMPTY_ROWS, max_num=engine.MAX_ROWS + EMPTY_ROWS, absolute_max=engine.MAX_ROWS + EMPTY_ROWS
    )
    if data is not None and f"row-{TOTAL_FORM_COUNT}" not in data:
        data = {**data.dict(), f"row-{TOTAL_FORM_COUNT}": 0, f"row-{INITIAL_FORM_COUNT}": 0}
    return kind(data, prefix="row", initial=rows, form_kwargs={"template": template})


def rows_of(formset) -> list[dict]:
    """What was typed, as the section holds it."""
    return [form.cleaned_data for form in formset.forms if form.cleaned_data]


class SectionForm(forms.Form):
    """The version of the draft that was read; the rows are a formset beside it."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class TypeField(forms.ModelChoiceField):
    """The type of a new project; empty: the five usual phases, without a template."""

    def __init__(self, **kwargs):
        kwargs.setdefault("label", gettext_lazy("Type of project"))
        kwargs.setdefault("required", False)
        kwargs.setdefault("empty_label", gettext_lazy("No template: the five usual phases"))
        super().__init__(queryset=ProjectType.objects.offered(), **kwargs)


def template_of(data) -> dict:
    """The arguments of ``Project.initiate`` that a form with ``type`` and ``with_plan`` gives."""
    kind = data.get("type")
    current = kind.current if kind else None
    if kind and current is None:
        raise ValidationError({"type": _("%(type)s has no published template.") % {"type": kind}})
    return {"template": current, "with_plan": bool(data.get("with_plan", True))}
