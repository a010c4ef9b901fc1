"""Forms of budget lines, expenses and booked time. Choices come from the project, so no other project's row fits."""

import copy
import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.ui.forms import FilterForm
from projects.budget.engine import format_minutes, parse_minutes
from projects.budget.models import BudgetLine, Category, Expense, TimeEntry

LONGEST_BACK = datetime.timedelta(days=366 * 20)


class ProjectForm(forms.ModelForm):
    """A form that knows its project; saving is the verbs' business."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, project, instance=None, **kwargs):
        # A copy: the verb compares what was typed with the row as it stands.
        super().__init__(*args, instance=copy.copy(instance), **kwargs)
        self.project = project
        if self.instance.pk:
            self.fields["version"].initial = self.instance.version
        else:
            del self.fields["version"]

    def values(self) -> dict:
        """What the verbs take: the model's own fields."""
        return {name: self.cleaned_data[name] for name in self._meta.fields}

    @property
    def read_version(self) -> int | None:
        return self.cleaned_data.get("version")


class BudgetLineForm(ProjectForm):
    class Meta:
        model = BudgetLine
        fields = ["name", "category", "planned", "remaining"]
        help_texts = {
            "remaining": gettext_lazy("What you still expect to spend here. Empty: the rest of what was planned."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("planned", "remaining"):
            self.fields[name].widget.attrs["data-unit"] = self.project.currency


class ExpenseForm(ProjectForm):
    class Meta:
        model = Expense
        fields = ["line", "spent_on", "amount", "description", "supplier"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["line"].queryset = self.project.budget_lines.order_by("number")
        self.fields["amount"].widget.attrs["data-unit"] = self.project.currency
        self.fields["spent_on"].initial = timezone.localdate

    def clean_spent_on(self):
        return _not_in_future(self.cleaned_data["spent_on"])


class MinutesField(forms.CharField):
    """Booked time as text: '1h 30m', '90m', '1:30', '1.5'."""

    def __init__(self, **kwargs):
        super().__init__(max_length=20, **kwargs)
        self.widget.attrs.setdefault("placeholder", "1h 30m")

    def prepare_value(self, value):
        return format_minutes(value) if isinstance(value, int) else value

    def clean(self, value):
        text = super().clean(value)
        if text in self.empty_values:
            return None
        minutes = parse_minutes(text)
        if minutes is None:
            raise ValidationError(
                _("“%(text)s” is not a length of time. Write 1h 30m, 90m, 1:30 or 1.5.") % {"text": text}
            )
        if not 1 <= minutes <= 1440:
            raise ValidationError(_("Between 1 minute and 24 hours fit on a day, not “%(text)s”.") % {"text": text})
        return minutes


class TimeForm(ProjectForm):
    minutes = MinutesField(label=gettext_lazy("Time"))

    class Meta:
        model = TimeEntry
        fields = ["day", "task", "minutes", "note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        tasks = self.project.tasks.filter(is_summary=False, is_active=True).order_by("number")
        self.fields["task"].queryset = tasks.only("pk", "number", "name", "project_id")
        self.fields["task"].empty_label = _("The project as a whole")
        self.fields["day"].initial = timezone.localdate

    def clean_day(self):
        return _not_in_future(self.cleaned_data["day"])


class ExpenseFilter(FilterForm):
    q = forms.CharField(label=gettext_lazy("Description or supplier"), required=False, max_length=200)
    category = forms.ChoiceField(
        label=gettext_lazy("Category"), required=False, choices=[("", gettext_lazy("All")), *Category.choices]
    )

    def filter(self, queryset):
        for word in self.words():
            queryset = queryset.filter(description__icontains=word) | queryset.filter(supplier__icontains=word)
        if category := self.cleaned_data["category"]:
            queryset = queryset.filter(line__category=category)
        return queryset


def _not_in_future(day: datetime.date) -> datetime.date:
    today = timezone.localdate()
    if day > today + datetime.timedelta(days=1):  # one day's grace: the date line
        raise ValidationError(_("%(day)s has not come yet. Book what has been spent.") % {"day": day})
    if day < today - LONGEST_BACK:
        raise ValidationError(_("%(day)s is more than twenty years ago.") % {"day": day})
    return day
