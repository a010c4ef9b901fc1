"""What a calendar shows, where a task moves, what an address is for."""

import copy
import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.roles import Permission as P
from pmdm.ui.forms import FilterForm
from projects.agenda.entries import ABSENCE, DEADLINE, KINDS, MILESTONE, TASK
from projects.lifecycle.models import Project


class AgendaFilter(FilterForm):
    show = forms.ChoiceField(
        label=gettext_lazy("Show"),
        required=False,
        choices=[
            ("", gettext_lazy("Everything")),
            (TASK, gettext_lazy("Tasks")),
            (MILESTONE, gettext_lazy("Milestones")),
            (DEADLINE, gettext_lazy("Deadlines")),
            (ABSENCE, gettext_lazy("Absences")),
        ],
    )
    view = forms.CharField(widget=forms.HiddenInput, required=False)
    on = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, with_people=True, **kwargs):
        super().__init__(*args, **kwargs)
        if not with_people:
            show = self.fields["show"]
            show.choices = [choice for choice in show.choices if choice[0] != ABSENCE]  # type: ignore[attr-defined]

    @property
    def kinds(self):
        shown = self.cleaned_data.get("show") if self.is_valid() else ""
        return (shown,) if shown else (*KINDS, ABSENCE)


class MoveForm(forms.Form):
    start = forms.DateField(label=gettext_lazy("Starts on"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, task, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance = copy.copy(task)  # as it would be, for whoever was second

    def clean_start(self):
        day: datetime.date = self.cleaned_data["start"]
        if not 1950 <= day.year <= 2250:
            raise ValidationError(_("%(day)s lies outside the years 1950 to 2250.") % {"day": day})
        self.instance.start = datetime.datetime.combine(day, datetime.time(12), datetime.UTC)
        return day


class FeedForm(forms.Form):
    """What the address shows: everything of one's own, or the plan of a project one may see."""

    what = forms.ChoiceField(label=gettext_lazy("Shows"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        projects = Project.objects.allowing(user, P.SCHEDULE_VIEW).open().order_by("name")
        self.projects = {project.code: project for project in projects.only("code", "name")[:500]}
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            ("", _("Everything of mine: my tasks and the milestones of my projects")),
            (
                _("The plan of a project"),
                [(code, f"{project.name} ({code})") for code, project in self.projects.items()],
            ),
        ]
        self.fields["what"].required = False

    @property
    def project(self):
        return self.projects.get(self.cleaned_data["what"])
