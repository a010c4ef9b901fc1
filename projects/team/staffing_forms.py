"""What somebody is looked for, and who takes the place of a generic resource."""

import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.models import Skill, User
from pmdm.ui.forms import FilterForm
from projects.schedule.models import Task
from projects.team.staffing import LONGEST

PERIOD = datetime.timedelta(days=13)


class FreeForm(FilterForm):
    """A task, or a period; a skill; how much of each day."""

    task = forms.ModelChoiceField(
        Task.objects.none(), label=gettext_lazy("Task"), required=False, empty_label=gettext_lazy("None: a period")
    )
    first = forms.DateField(label=gettext_lazy("From"), required=False)
    last = forms.DateField(label=gettext_lazy("To"), required=False)
    skill = forms.ModelChoiceField(
        Skill.objects.all(), label=gettext_lazy("Skill"), required=False, empty_label=gettext_lazy("Any")
    )
    percent = forms.IntegerField(label=gettext_lazy("Share of the day, %"), min_value=1, max_value=100, required=False)

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.project = project
        tasks = project.tasks.filter(is_summary=False, is_active=True, is_milestone=False, percent__lt=100)
        self.fields["task"].queryset = tasks.exclude(start=None).order_by("number")
        self.fields["task"].to_field_name = "uid"

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        today = timezone.localdate()
        if task := cleaned.get("task"):
            first, last = timezone.localdate(task.start), timezone.localdate(task.finish)
            cleaned["first"] = max(cleaned.get("first") or first, today)
            cleaned["last"] = max(cleaned.get("last") or last, cleaned["first"])
        cleaned["first"] = cleaned.get("first") or today
        cleaned["last"] = cleaned.get("last") or cleaned["first"] + PERIOD
        cleaned["percent"] = cleaned.get("percent") or 100
        if cleaned["last"] < cleaned["first"]:
            self.add_error("last", _("The last day lies before the first."))
        elif (cleaned["last"] - cleaned["first"]).days >= LONGEST:
            self.add_error("last", _("A period of at most a year can be looked at."))
        return cleaned


class AssignForm(forms.Form):
    task = forms.ModelChoiceField(Task.objects.none(), to_field_name="uid")
    person = forms.ModelChoiceField(User.objects.filter(is_active=True, organisation=None))
    percent = forms.IntegerField(min_value=1, max_value=100)

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["task"].queryset = project.tasks.filter(is_summary=False, is_active=True).exclude(start=None)


class GenericForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, help_text=gettext_lazy("Such as: 2 testers"))
    units = forms.IntegerField(
        label=gettext_lazy("Units, %"),
        min_value=1,
        max_value=10_000,
        initial=100,
        help_text=gettext_lazy("200: two people"),
    )
    skill = forms.ModelChoiceField(
        Skill.objects.all(), label=gettext_lazy("Skill"), required=False, empty_label=gettext_lazy("Any")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="generic-%s", **kwargs)


class ReplaceForm(forms.Form):
    people = forms.ModelMultipleChoiceField(
        User.objects.filter(is_active=True, organisation=None).order_by("name"),
        label=gettext_lazy("People"),
        help_text=gettext_lazy("Units and work are shared out evenly among them."),
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )

    def clean_people(self):
        people = self.cleaned_data["people"]
        if len(people) > 50:
            raise ValidationError(_("At most 50 people can share one resource."))
        return people
