from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.registers.editing import VersionedForm
from projects.schedule.exporting import units_of
from projects.schedule.forms import DurationField
from projects.schedule.notation import format_duration
from projects.sprints.models import Sprint


class SprintForm(VersionedForm):
    wide = ("goal",)

    class Meta:
        model = Sprint
        fields = ["name", "goal", "start", "finish"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        units = units_of(self.instance.project)
        capacity = self.instance.capacity
        self.fields["capacity"] = DurationField(
            label=_("Capacity"), units=units, required=False,
            help_text=_("Such as 40d. Empty: the working hours of the people of the plan."),
            initial="" if capacity is None else format_duration(capacity, elapsed=False, units=units),
        )  # fmt: skip

    def clean(self):
        data = super().clean() or self.cleaned_data
        for name in ("start", "finish"):
            day = data.get(name)
            if day and not 1950 <= day.year <= 2250:
                self.add_error(name, _("%(day)s lies outside the years 1950 to 2250.") % {"day": day})
        if data.get("start") and data.get("finish") and data["finish"] < data["start"]:
            self.add_error("finish", _("The last day lies before the first."))
        return data

    def clean_capacity(self):
        capacity = self.cleaned_data["capacity"]
        if capacity and capacity.elapsed:
            raise ValidationError(_("Working time, such as 40d or 120h."))
        return capacity

    def _post_clean(self):
        super()._post_clean()
        capacity = self.cleaned_data.get("capacity")
        self.instance.capacity = round(capacity.minutes) if capacity else None

    def _get_validation_exclusions(self):
        # The days of other sprints are checked under the lock, with words of our own.
        return {*super()._get_validation_exclusions(), "project", "start", "finish", "number"}

    def values(self) -> dict:
        return {name: getattr(self.instance, name) for name in ("name", "goal", "start", "finish", "capacity")}


class ClosureForm(forms.Form):
    """Where the unfinished goes."""

    to = forms.ChoiceField(label=gettext_lazy("What is not done goes to"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args, sprint: Sprint, **kwargs):
        super().__init__(*args, **kwargs)
        others = Sprint.objects.filter(project=sprint.project, closed_at=None).exclude(pk=sprint.pk).order_by("start")
        self.sprints = {str(other.number): other for other in others[:50]}
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            *((number, other.name) for number, other in self.sprints.items()),
            ("", _("No sprint: back to the backlog")),
        ]
        self.initial["to"] = next(iter(self.sprints), "")

    @property
    def target(self) -> Sprint | None:
        return self.sprints.get(self.cleaned_data["to"])
