"""Forms of change requests. Choices come from the project, so no other project's row fits."""

import secrets

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.models import User
from pmdm.activity.asof import AsOfFilter
from pmdm.registers.editing import VersionedForm
from projects.budget.models import Category
from projects.changes import items
from projects.changes.models import ChangeRequest
from projects.lifecycle.forms.people import members_of
from projects.scope.models import Requirement

FIELDS = ["title", "reason", "description", "kind", "source", "urgency", "needed_by", "requester", "owner"]


def everybody_of(project):
    """Active people with a role on the project, clients too: they ask for most changes."""
    return User.objects.filter(is_active=True, project_memberships__project=project).distinct().order_by("name")


class ChangeFilter(AsOfFilter):
    q = forms.CharField(label=gettext_lazy("Number or words"), required=False, max_length=200)
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("Any")), ("open", gettext_lazy("All open")), *ChangeRequest.State.choices],
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False, choices=[("", gettext_lazy("Any")), *ChangeRequest.Kind.choices]
    )
    source = forms.ChoiceField(
        label=gettext_lazy("Source"), required=False, choices=[("", gettext_lazy("Any")), *ChangeRequest.Source.choices]
    )
    urgency = forms.ChoiceField(
        label=gettext_lazy("Urgency"),
        required=False,
        choices=[("", gettext_lazy("Any")), *ChangeRequest.Urgency.choices],
    )

    def filter(self, queryset):
        data = self.cleaned_data
        if data["state"] == "open":
            queryset = queryset.open()
        elif data["state"]:
            queryset = queryset.filter(state=data["state"])
        for name in ("kind", "source", "urgency"):
            if data[name]:
                queryset = queryset.filter(**{name: data[name]})
        for word in self.words():
            match = Q(title__icontains=word) | Q(reason__icontains=word) | Q(description__icontains=word)
            match |= Q(requester__name__icontains=word)
            digits = word.upper().removeprefix("CR-")
            if digits.isdecimal() and len(digits) < 9:
                match |= Q(number=int(digits))
            queryset = queryset.filter(match)
        return queryset


class ChangeFields(forms.ModelForm):
    wide = ("title", "reason", "description")

    def __init__(self, *args, project, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.project = project
        self.fields["owner"].queryset = members_of(project)
        self.fields["owner"].help_text = _("Who sees to it that it is carried out.")
        people = everybody_of(project)
        if user.organisation_id or not project.allows(user, "project.change.assess"):
            # On behalf of others writes only who assesses.
            people = User.objects.filter(pk=user.pk) | User.objects.filter(pk=self.instance.requester_id or user.pk)
            self.fields["owner"].disabled = True
            if user.organisation_id:
                del self.fields["owner"]
        else:
            people = people | User.objects.filter(pk=user.pk).distinct()
        self.fields["requester"].queryset = people
        self.fields["requester"].empty_label = None
        self.initial.setdefault("requester", user.pk)


class ChangeForm(ChangeFields):
    class Meta:
        model = ChangeRequest
        fields = FIELDS

    def create(self, *, by):
        return ChangeRequest.write_down(self.project, by=by, **self.cleaned_data)


class ChangeEditForm(ChangeFields, VersionedForm):
    class Meta:
        model = ChangeRequest
        fields = FIELDS

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.state != "draft":
            # Another name would let who asked decide.
            del self.fields["requester"]


class RequirementItemForm(forms.Form):
    """A new text, or one of the register that is not promised yet."""

    requirement = forms.ModelChoiceField(
        None,
        label=gettext_lazy("From the register"),
        required=False,
        empty_label=gettext_lazy("A new requirement"),
        help_text=gettext_lazy("One that is not in the frozen scope: also what was approved past it."),
    )
    title = forms.CharField(label=gettext_lazy("Title of a new one"), required=False, max_length=250)
    text = forms.CharField(
        label=gettext_lazy("Requirement"), required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 3})
    )
    type = forms.ChoiceField(label=gettext_lazy("Type"), choices=Requirement.Type.choices, initial="functional")
    priority = forms.ChoiceField(label=gettext_lazy("Priority"), choices=Requirement.Priority.choices)
    criteria = forms.CharField(
        label=gettext_lazy("Acceptance criteria"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One on each line."),
    )
    wide = ("requirement", "title", "text", "criteria")

    def __init__(self, *args, change, **kwargs):
        super().__init__(*args, **kwargs)
        self.change = change
        rows = change.project.requirements.exclude(state="rejected")
        self.fields["requirement"].queryset = rows.exclude(baseline_items__baseline__is_active=True).exclude(
            change_items__change=change
        )

    def clean_criteria(self):
        text = self.cleaned_data["criteria"]
        if long := next((line for line in text.splitlines() if len(line.strip()) > 400), None):
            raise ValidationError(_("“%(start)s…” is longer than 400 characters.") % {"start": long[:40]})
        return text

    def save(self, *, by):
        data = self.cleaned_data
        if data["requirement"]:
            return items.add_requirement(self.change, by=by, requirement=data["requirement"])
        content = {name: data[name] for name in ("title", "text", "type", "priority", "criteria")}
        return items.add_requirement(self.change, by=by, **content)


class PromisedForm(forms.Form):
    """Which promised requirement is worded anew or taken out."""

    requirement = forms.ModelChoiceField(None, label=gettext_lazy("Requirement"), empty_label=None)

    def __init__(self, *args, change, **kwargs):
        super().__init__(*args, **kwargs)
        rows = change.project.requirements.approved().exclude(change_items__change=change)
        self.fields["requirement"].queryset = rows


class RewordForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=250)
    text = forms.CharField(
        label=gettext_lazy("Requirement"), required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 5})
    )
    type = forms.ChoiceField(label=gettext_lazy("Type"), choices=Requirement.Type.choices)
    priority = forms.ChoiceField(label=gettext_lazy("Priority"), choices=Requirement.Priority.choices)
    wide = ("title", "text")


class _TaskForm(forms.Form):
    """Cells as they are typed in the plan; the plan reads them."""

    cost = forms.DecimalField(
        label=gettext_lazy("Planned cost"),
        required=False,
        max_digits=14,
        decimal_places=2,
        min_value=0,
        help_text=gettext_lazy("Of the whole task; empty: as it is."),
    )

    def __init__(self, *args, change, shows_cost: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.change, self.project = change, change.project
        self.tasks = self.project.tasks.order_by("number")
        if shows_cost:
            self.fields["cost"].widget.attrs["data-unit"] = self.project.currency
        else:
            del self.fields["cost"]

    def ref_choices(self):
        """Tasks that this change adds, by the name that its operations give them."""
        return [
            (edit.ops[0]["ref"], f"{edit.name} ({_('new')})") for edit in self.change.edits.all() if edit.kind == "add"
        ]

    def choices(self):
        return [(str(task.uid), f"{task.number} {task.name}"[:90]) for task in self.tasks]

    @staticmethod
    def named(value: str):
        """The uid of a task of the plan, or the ref of a new one."""
        return int(value) if value.isdecimal() else value


class TaskAddForm(_TaskForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=300)
    duration = forms.CharField(
        label=gettext_lazy("Duration"),
        max_length=40,
        initial="5d",
        help_text=gettext_lazy("3d, 2w, 4h; 0d is a milestone."),
    )
    after = forms.ChoiceField(
        label=gettext_lazy("Placed below"), required=False, help_text=gettext_lazy("Its row in the plan.")
    )
    predecessors = forms.MultipleChoiceField(
        label=gettext_lazy("Starts when these are finished"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    successors = forms.MultipleChoiceField(
        label=gettext_lazy("These wait for it"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=gettext_lazy("Hold Ctrl or ⌘ to choose several."),
    )
    people = forms.CharField(
        label=gettext_lazy("People"), required=False, max_length=400, help_text=gettext_lazy("Ann Lee[50%]; Bo Chen")
    )
    wide = ("name",)
    field_order = ["name", "duration", "after", "predecessors", "successors", "people", "cost"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        rows = self.choices()
        self.fields["after"].choices = [("", _("At the end")), *rows]
        self.fields["predecessors"].choices = [*rows, *self.ref_choices()]
        self.fields["successors"].choices = rows

    def save(self, *, by):
        data = self.cleaned_data
        ref = f"new-{secrets.token_hex(5)}"
        fields = {"name": data["name"], "duration": data["duration"]}
        if data["people"]:
            fields["people"] = data["people"]
        ops = [{"op": "add", "ref": ref, "fields": fields}]
        if data["after"]:
            ops[0]["after"] = int(data["after"])
        ops += [{"op": "link", "from": self.named(value), "to": ref} for value in data["predecessors"]]
        ops += [{"op": "link", "from": ref, "to": int(value)} for value in data["successors"]]
        return items.draft_edit(self.change, "add", by=by, ops=ops, name=data["name"], cost=data.get("cost"))


class TaskPickForm(_TaskForm):
    task = forms.ChoiceField(label=gettext_lazy("Task"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, shows_cost=False, **kwargs)
        self.fields["task"].choices = self.choices()

    @property
    def picked(self):
        return self.tasks.get(uid=int(self.cleaned_data["task"]))


class TaskRemoveForm(TaskPickForm):
    def save(self, *, by):
        task = self.picked
        ops = [{"op": "remove", "uids": [task.uid], "with_children": True}]
        return items.draft_edit(self.change, "remove", by=by, ops=ops, name=task.name, uid=task.uid)


class TaskSetForm(_TaskForm):
    """The cells of one task, with what stands there now."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=300)
    duration = forms.CharField(label=gettext_lazy("Duration"), required=False, max_length=40)
    start = forms.CharField(
        label=gettext_lazy("Start"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Sets “Start no earlier than”."),
    )
    deadline = forms.CharField(label=gettext_lazy("Deadline"), required=False, max_length=40)
    people = forms.CharField(label=gettext_lazy("People"), required=False, max_length=400)
    wide = ("name",)
    field_order = ["name", "duration", "start", "deadline", "people", "cost"]
    CELLS = ("name", "duration", "start", "deadline", "people")

    def __init__(self, *args, task, cells, **kwargs):
        self.task, self.cells = task, cells
        super().__init__(*args, initial={name: cells.get(name) for name in self.CELLS}, **kwargs)

    def save(self, *, by):
        data = self.cleaned_data
        ops = items.set_ops(self.task, self.cells, {name: data[name] for name in self.CELLS})
        cost = data.get("cost")
        if not ops and cost is None:
            raise ValidationError(_("Nothing differs from the plan."))
        if not ops:  # only its cost: named, so that the baseline takes the task in
            ops = items.same_ops(self.task, self.cells)
        return items.draft_edit(self.change, "set", by=by, ops=ops, name=self.task.name, uid=self.task.uid, cost=cost)


class MoneyForm(forms.Form):
    line = forms.ModelChoiceField(
        None, label=gettext_lazy("Budget line"), required=False, empty_label=gettext_lazy("A new line")
    )
    name = forms.CharField(label=gettext_lazy("Name of a new line"), required=False, max_length=200)
    category = forms.ChoiceField(
        label=gettext_lazy("Category of a new line"), required=False, choices=[("", "–"), *Category.choices]
    )
    delta = forms.DecimalField(
        label=gettext_lazy("More or less"),
        max_digits=14,
        decimal_places=2,
        help_text=gettext_lazy("12000 adds to the line, -3000 takes from it."),
    )

    def __init__(self, *args, change, **kwargs):
        super().__init__(*args, **kwargs)
        self.change = change
        lines = change.project.budget_lines.order_by("number")
        self.fields["line"].queryset = lines.exclude(change_items__change=change)
        self.fields["delta"].widget.attrs["data-unit"] = change.project.currency

    def save(self, *, by):
        return items.move_money(self.change, by=by, **self.cleaned_data)


class FundingForm(VersionedForm):
    class Meta:
        model = ChangeRequest
        fields = ["funding"]


class DecisionForm(forms.Form):
    """Approve, reject or defer; the impact that was read comes along."""

    impact = forms.IntegerField(required=False, widget=forms.HiddenInput)
    note = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Needed to reject or to defer."),
    )
    until = forms.DateField(label=gettext_lazy("Defer until"), required=False)
    # Which of the three buttons.
    how = forms.ChoiceField(
        choices=[("approve", ""), ("reject", ""), ("defer", "")],
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("Choose: approve, defer or reject.")},
    )


class NoteForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Reason"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )
