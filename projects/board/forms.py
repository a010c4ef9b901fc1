"""What narrows a board, a card that is added, and the columns as a form."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.ui.forms import FilterForm
from projects.board.columns import MOST, Wanted


class BoardFilter(FilterForm):
    q = forms.CharField(label=gettext_lazy("Task, WBS or person"), required=False, max_length=200)
    show = forms.ChoiceField(
        label=gettext_lazy("Show"),
        required=False,
        choices=[
            ("", gettext_lazy("All tasks")),
            ("mine", gettext_lazy("Mine")),
            ("late", gettext_lazy("Late")),
            ("critical", gettext_lazy("Critical")),
        ],
    )
    lanes = forms.ChoiceField(
        label=gettext_lazy("Lanes"),
        required=False,
        choices=[
            ("", gettext_lazy("None")),
            ("person", gettext_lazy("By person")),
            ("summary", gettext_lazy("By summary")),
            ("priority", gettext_lazy("By priority")),
        ],
    )
    sprint = forms.ChoiceField(label=gettext_lazy("Sprint"), required=False)

    def __init__(self, *args, project, with_people=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.with_people = with_people
        sprints = list(project.sprints.order_by("-start").values_list("number", "name"))
        if sprints:
            self.fields["sprint"].choices = [("", _("All")), *sprints]  # type: ignore[attr-defined]
        else:
            del self.fields["sprint"]
        if not with_people:
            self.fields["q"].label = _("Task or WBS")
            lanes = self.fields["lanes"]
            lanes.choices = [choice for choice in lanes.choices if choice[0] != "person"]  # type: ignore[attr-defined]

    def filter(self, queryset, user=None, now=None):
        for word in self.words():
            found = Q(name__icontains=word) | Q(wbs__istartswith=word)
            if self.with_people:
                found |= Q(assignments__resource__name__icontains=word)
            queryset = queryset.filter(found)
        match self.cleaned_data.get("show"):
            case "mine":
                queryset = queryset.filter(assignments__resource__user=user)
            case "critical":
                queryset = queryset.filter(is_critical=True)
            case "late":
                queryset = queryset.filter(percent__lt=100).filter(Q(finish__lt=now) | Q(deadline__lt=F("finish")))
        if sprint := self.cleaned_data.get("sprint"):
            queryset = queryset.filter(sprint_entries__sprint__number=sprint, sprint_entries__removed_at=None)
        return queryset.distinct()


class QuickAddForm(forms.Form):
    """A card at the end of the plan, or of a summary; the rest is told in the plan."""

    name = forms.CharField(label=gettext_lazy("New card"), max_length=300)
    parent = forms.ChoiceField(label=gettext_lazy("Below"), required=False)

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        summaries = list(
            project.tasks.filter(is_summary=True).order_by("number").values_list("uid", "wbs", "name")[:300]
        )
        self.fields["parent"].choices = [  # type: ignore[attr-defined]
            ("", _("At the end of the plan")),
            *((uid, f"{wbs} {name[:60]}") for uid, wbs, name in summaries),
        ]
        self.fields["name"].widget.attrs |= {"id": "quick-name", "placeholder": _("What is to be done?")}


class ColumnForm(forms.Form):
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    position = forms.IntegerField(label=gettext_lazy("Place"), min_value=1, max_value=99)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60, required=False)
    wip_limit = forms.IntegerField(label=gettext_lazy("Limit"), min_value=1, max_value=999, required=False)

    def clean(self):
        data = self.cleaned_data
        if not data.get("name") and data.get("wip_limit"):
            self.add_error("name", _("A column with a limit needs a name."))
        return data


class ColumnsForm(forms.BaseFormSet):
    """All columns, in the order of their places; one whose name is emptied goes."""

    form = ColumnForm
    extra, min_num, max_num, absolute_max = 2, 0, MOST + 2, MOST + 2
    can_order = can_delete = validate_min = validate_max = can_delete_extra = False
    edit_only = False
    renderer = forms.renderers.get_default_renderer()

    def wanted(self) -> list[Wanted]:
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data.get("name")]
        rows.sort(key=lambda row: row["position"])
        return [Wanted(row["name"].strip(), row["wip_limit"], row["key"]) for row in rows]

    def clean(self):
        if any(self.errors):
            return
        if not any(form.cleaned_data.get("name") for form in self.forms):
            raise ValidationError(_("A board needs columns."))
