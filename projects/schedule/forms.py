"""A row of the plan as a form, the plan's filter, baselines and the upload of a plan."""

import copy
import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.models import User
from pmdm.ui.forms import FilterForm
from projects.schedule.calendars import day_end, day_start
from projects.schedule.edits import Person
from projects.schedule.engine import LinkIn
from projects.schedule.importing import MAX_BYTES
from projects.schedule.localtime import to_instant, to_wall
from projects.schedule.models import Baseline, Task
from projects.schedule.notation import (
    Duration,
    NotationError,
    format_duration,
    format_predecessors,
    parse_duration,
    parse_predecessors,
)

FINISH_LIKE = {Task.Constraint.MFO, Task.Constraint.FNET, Task.Constraint.FNLT}
FOR_SUMMARY = {Task.Constraint.ASAP, Task.Constraint.SNET, Task.Constraint.FNLT}
ENDS_OF_DAYS = {"deadline", "actual_finish", "manual_finish"}
DATES = ("constraint_date", "deadline", "actual_start", "actual_finish", "manual_start", "manual_finish")
MAX_DURATION = 60 * 24 * 366 * 20  # minutes; an integer column and a believable plan


class DurationField(forms.CharField):
    """'3d', '2w', '4h', '3ed' as a Duration."""

    def __init__(self, *, units, **kwargs):
        super().__init__(max_length=30, **kwargs)
        self.units = units

    def clean(self, value) -> Duration | None:
        text = super().clean(value)
        if text in self.empty_values:
            return None
        try:
            duration = parse_duration(text, self.units)
        except NotationError as error:
            raise ValidationError(str(error))
        if duration.minutes > MAX_DURATION:
            raise ValidationError(_("A task lasts at most twenty years."))
        return duration


class PredecessorsField(forms.CharField):
    """'12FS+2d, 14' as links by row number."""

    def __init__(self, *, units, **kwargs):
        super().__init__(max_length=2000, **kwargs)
        self.units = units

    def clean(self, value) -> list[LinkIn]:
        try:
            return parse_predecessors(super().clean(value), self.units)
        except NotationError as error:
            raise ValidationError(str(error))


class TaskForm(forms.Form):
    """One task. Whoever may only report progress gets percent and actual dates, and nothing else is read."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=300)
    percent = forms.IntegerField(label=gettext_lazy("% complete"), min_value=0, max_value=100)
    constraint = forms.TypedChoiceField(label=gettext_lazy("Constraint"), choices=Task.Constraint.choices, coerce=int)
    constraint_date = forms.DateField(label=gettext_lazy("Constraint date"), required=False)
    actual_start = forms.DateField(label=gettext_lazy("Actual start"), required=False)
    actual_finish = forms.DateField(label=gettext_lazy("Actual finish"), required=False)
    deadline = forms.DateField(label=gettext_lazy("Deadline"), required=False)
    mode = forms.ChoiceField(label=gettext_lazy("Scheduling"), choices=Task.Mode.choices)
    manual_start = forms.DateField(label=gettext_lazy("Manual start"), required=False)
    manual_finish = forms.DateField(label=gettext_lazy("Manual finish"), required=False)
    people = forms.MultipleChoiceField(label=gettext_lazy("People"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    clash = None

    def __init__(self, data=None, *, task: Task, calendar, units, progress_only=False, **kwargs):
        self.task, self.calendar, self.units, self.project = task, calendar, units, task.project
        self.links = list(kwargs.pop("links", ()))
        self.numbers = kwargs.pop("numbers", {})
        super().__init__(data, **kwargs)
        self.fields["duration"] = DurationField(label=_("Duration"), units=units)
        self.fields["predecessors"] = PredecessorsField(label=_("Predecessors"), units=units, required=False)
        self.fields["predecessors"].widget.attrs["placeholder"] = "12FS+2d, 14"
        self.order_fields(["name", "duration", "percent", "predecessors", "constraint"])
        self._drop(progress_only)
        if "people" in self.fields:
            self._people()
        self.initial = self._initial()
        self.instance = copy.copy(task)

    def _drop(self, progress_only: bool) -> None:
        gone: set[str] = set()
        if self.task.is_summary:
            gone |= {"duration", "percent", "actual_start", "actual_finish", "mode", "manual_start", "manual_finish"}
            gone.add("people")
            known = [choice for choice in Task.Constraint.choices if choice[0] in FOR_SUMMARY]
            self.fields["constraint"].choices = known  # type: ignore[attr-defined]
        if progress_only:
            gone |= set(self.fields) - {"percent", "actual_start", "actual_finish", "version"}
        for name in gone:
            self.fields.pop(name, None)

    def _people(self) -> None:
        resources = list(self.project.resources.select_related("user").order_by("name"))
        known = {resource.user_id for resource in resources}
        members = User.objects.filter(project_memberships__project=self.project, is_active=True, organisation=None)
        people = list(members.exclude(pk__in=known - {None}).distinct().order_by("name"))
        self._persons = {f"r{resource.pk}": Person(resource=resource) for resource in resources}
        self._persons |= {f"u{user.pk}": Person(user=user) for user in people}
        choices = [(f"r{resource.pk}", resource.name) for resource in resources]
        self.fields["people"].choices = [*choices, *[(f"u{user.pk}", user.name) for user in people]]  # type: ignore[attr-defined]

    def _initial(self) -> dict:
        task = self.task
        values = {
            "name": task.name,
            "duration": format_duration(task.duration, elapsed=task.duration_elapsed, units=self.units),
            "predecessors": format_predecessors(self.links, self.units, numbers=self.numbers),
            "percent": task.percent,
            "constraint": task.constraint,
            "mode": task.mode,
            "version": task.version,
        }
        for name in DATES:
            wall = to_wall(getattr(task, name), self.project)
            values[name] = wall.date() if wall else None
        if "people" in self.fields:
            values["people"] = [f"r{pk}" for pk in task.assignments.values_list("resource_id", flat=True)]
        return values

    def clean(self):
        data = self.cleaned_data
        constraint = data.get("constraint")
        if constraint is not None:
            if constraint in (Task.Constraint.ASAP, Task.Constraint.ALAP):
                data["constraint_date"] = None
            elif not data.get("constraint_date") and "constraint_date" not in self.errors:
                self.add_error("constraint_date", _("This constraint needs a date."))
        if data.get("mode") == Task.Mode.MANUAL and not data.get("manual_start") and "manual_start" not in self.errors:
            wall = to_wall(self.task.start, self.project)
            data["manual_start"] = wall.date() if wall else None
        start, finish = data.get("manual_start"), data.get("manual_finish")
        if start and finish and finish < start:
            self.add_error("manual_finish", _("The finish lies before the start."))
        start, finish = data.get("actual_start"), data.get("actual_finish")
        if start and finish and finish < start:
            self.add_error("actual_finish", _("The actual finish lies before the actual start."))
        for name in DATES:
            day = data.get(name)
            if day and not 1950 <= day.year <= 2250:
                self.add_error(name, _("%(day)s lies outside the years 1950 to 2250.") % {"day": day})
        for name, value in self._values().items():
            setattr(self.instance, name, value)
        return data

    def _values(self) -> dict:
        """Every field of the model that the form holds, as the model keeps it."""
        data = self.cleaned_data
        values: dict = {}
        for name in ("name", "percent", "constraint", "mode"):
            if name in data:
                values[name] = data[name]
        if duration := data.get("duration"):
            values["duration"], values["duration_elapsed"] = round(duration.minutes), duration.elapsed
        for name in DATES:
            if name in data:
                values[name] = self._instant(name, data[name])
        return values

    def changes(self) -> dict:
        """What the verb takes: only what differs from the row as it is."""
        task = self.task
        fields = {name: value for name, value in self._values().items() if value != getattr(task, name)}
        if "duration" in fields:
            fields["is_milestone"] = fields["duration"] == 0
        if "predecessors" in self.changed_data:
            fields["predecessors"] = self.cleaned_data["predecessors"]
        if "people" in self.fields and set(self.cleaned_data["people"]) != set(self.initial["people"]):
            fields["people"] = [self._persons[key] for key in self.cleaned_data["people"]]
        return fields

    def _instant(self, name: str, day: datetime.date | None):
        """A day as a moment: starts begin with its work, finishes end with it; an unchanged day keeps its time."""
        if day is None:
            return None
        old = getattr(self.task, name)
        if old is not None and to_wall(old, self.project).date() == day:
            return old
        ends = name in ENDS_OF_DAYS or (
            name == "constraint_date" and self.cleaned_data.get("constraint") in FINISH_LIKE
        )
        wall = (day_end if ends else day_start)(self.calendar, day)
        return to_instant(wall, self.project)


class NewTaskForm(forms.Form):
    """The least a task needs; the rest is edited in its row."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=300)

    def __init__(self, *args, units, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["duration"] = DurationField(label=_("Duration"), units=units, initial="1d")


class PlanFilter(FilterForm):
    q = forms.CharField(label=gettext_lazy("Task, WBS or person"), required=False, max_length=200)
    show = forms.ChoiceField(
        label=gettext_lazy("Show"),
        required=False,
        choices=[
            ("", gettext_lazy("All tasks")),
            ("critical", gettext_lazy("Critical")),
            ("late", gettext_lazy("Late")),
            ("milestones", gettext_lazy("Milestones")),
            ("open", gettext_lazy("Not done")),
            ("mine", gettext_lazy("Mine")),
        ],
    )
    scale = forms.ChoiceField(
        label=gettext_lazy("Scale"),
        required=False,
        choices=[
            ("", gettext_lazy("Fitting")),
            ("week", gettext_lazy("Weeks")),
            ("month", gettext_lazy("Months")),
            ("quarter", gettext_lazy("Quarters")),
        ],
    )


class BaselineForm(forms.Form):
    number = forms.TypedChoiceField(
        label=gettext_lazy("Number"), coerce=lambda text: int(text) if text else None, empty_value=None, required=False
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100, required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=2000,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("Why now, what changed")}),
    )
    active = forms.BooleanField(label=gettext_lazy("Measure “on time” against it"), required=False)

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        # What was approved stays the measure until somebody says otherwise: one careless click would hide all delay.
        approved = Baseline.objects.filter(project=project, is_active=True, state=Baseline.State.APPROVED)
        self.fields["active"].initial = not approved.exists()
        choices: list[tuple] = [("", _("A new number"))]
        there = Baseline.objects.filter(project=project).exclude(state=Baseline.State.APPROVED).order_by("number")
        for number, name in there.values_list("number", "name"):
            choices.append((number, _("%(n)s: replaces “%(name)s”") % {"n": number, "name": name or number}))
        self.fields["number"].choices = choices  # type: ignore[attr-defined]


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Plan"),
        help_text=gettext_lazy(
            "Microsoft Project XML (MSPDI), Primavera XER or XML, CSV, or an Excel workbook (XLSX)."
        ),
    )
    with_columns = forms.BooleanField(
        label=gettext_lazy("Choose what the columns mean, and change tasks by UID"),
        help_text=gettext_lazy("For CSV; a workbook always asks."),
        required=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".xml,.xer,.csv,.xlsx,text/csv,application/xml"

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(
                _("The file has %(size)s MB; at most %(max)s MB are read.")
                % {"size": file.size // 1024**2 + 1, "max": MAX_BYTES // 1024**2}
            )
        return file
