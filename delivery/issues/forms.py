"""Forms of issues: reporting, editing, the moves."""

from typing import Any

from django import forms
from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from delivery.issues import types
from delivery.issues.models import Issue, KnownGap, Severity
from delivery.issues.priority.models import matrix_of
from delivery.issues.queue import telling
from delivery.products.models import Membership
from delivery.products.naming import refuse_names
from pmdm.accounts.models import Organisation, User
from pmdm.accounts.roles import Permission as P
from pmdm.accounts.roles import Role
from pmdm.prepared import Prepared
from pmdm.registers.editing import VersionedForm

WORKING = (Role.DELIVERY_MANAGER, Role.SUPPORT, Role.MEMBER)


def people_of(product):
    """Who may be given an issue: our own people on this product."""
    return User.objects.filter(
        pk__in=Membership.objects.filter(product=product, role__in=WORKING).values("user"),
        is_active=True,
        organisation=None,
    ).order_by("name", "pk")


names_of_people = Prepared(lambda product: people_of(product).values_list("pk", "name"))


FACTS = ["title", "type", "impact", "urgency", "severity", "priority_reason", "description", "requirement",
         "found_in", "organisation", "assignee"]  # fmt: skip


def field_of(each: types.Field) -> forms.Field:
    """The form's field for one field of a type."""
    common: dict[str, Any] = {"label": each.label, "help_text": each.help, "required": False}
    if each.kind == "text":
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=types.MOST, **common)
    if each.kind == "number":
        return forms.DecimalField(max_digits=15, decimal_places=4, **common)
    if each.kind == "date":
        return forms.DateField(**common)
    if each.kind == "choice":
        return forms.ChoiceField(choices=[("", _("Not known")), *each.choices], **common)
    return forms.CharField(max_length=250, **common)


class IssueFacts(forms.ModelForm):
    """What is said about an issue; staff also say whose it is and who works on it."""

    wide = {"title"}
    INTERNAL = ("assignee", "organisation", "found_in", "impact", "urgency", "priority_reason")

    severity = forms.TypedChoiceField(
        label=_("Priority"),
        choices=[("", _("From impact and urgency")), *Severity.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )

    def __init__(self, *args, product, can, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product
        if "requirement" in self.fields:
            self.fields["requirement"].queryset = product.requirements.all()
            self.fields["requirement"].empty_label = _("None, or not known")
        self.fields["found_in"].queryset = product.releases.all()
        self.fields["found_in"].empty_label = _("Not known")
        self._add_own(internal=P.INTERNAL_VIEW in can)
        follows = self.instance.computed_priority() and not self.instance.priority_reason
        if (self.instance.pk is None or follows) and not (kwargs.get("initial") or {}).get("severity"):
            self.initial["severity"] = ""
        if P.INTERNAL_VIEW in can:
            self.fields["assignee"].queryset = people_of(product)
            self.fields["assignee"].empty_label = _("Nobody yet")
            self.fields["organisation"].queryset = Organisation.objects.filter(pk__in=product.clients.values("pk"))
            self.fields["organisation"].empty_label = _("No client in particular")
            self.fields["priority_reason"].help_text = _("Only where it is not what impact and urgency give.")
        else:
            for name in self.INTERNAL:
                self.fields.pop(name, None)
            self.fields["severity"].choices = [("", _("Not sure")), *Severity.choices]

    def _add_own(self, *, internal: bool) -> None:
        """The fields of the type that is chosen now; another type's come with the button that asks for them."""
        kind = self.data.get("type") if self.is_bound else self.initial.get("type") or self.instance.type
        self.kind = kind = kind if kind in types.TYPES else Issue.Type.BUG
        self.own = {f"own_{each.name}": each for each in types.TYPES[kind].fields if internal or not each.internal}
        for name, each in self.own.items():
            self.fields[name] = field_of(each)
            self.initial.setdefault(name, self.instance.details.get(each.name))
        legend = format_lazy("{}: {}", _("Only for this type"), Issue.Type(kind).label)
        self.fieldsets = [*getattr(type(self), "fieldsets", [("", self.base_names())]), (legend, list(self.own))]
        self.group_ids = {legend: "own-fields"}

    def base_names(self) -> list[str]:
        shown = (name for name, field in self.fields.items() if not field.widget.is_hidden)
        return [name for name in shown if not name.startswith("own_")]

    def own_details(self, data) -> dict:
        """The type's fields; what the reader does not see stays as it was."""
        seen = {each.name for each in self.own.values()}
        kept = {name: value for name, value in self.instance.details.items() if name not in seen}
        return types.kept_by(self.kind, kept) | {each.name: data.get(name) for name, each in self.own.items()}

    def clean(self):
        data = super().clean()
        try:
            data["details"] = self.instance.details = types.clean(self.kind, self.own_details(data))
        except types.WrongDetail as error:
            self.add_error(f"own_{error.field}" if f"own_{error.field}" in self.fields else None, error.message)
        both = data.get("impact"), data.get("urgency")
        computed = matrix_of(self.product)[both] if all(both) else None
        if data.get("severity") is None and "severity" not in self.errors:
            data["severity"] = computed or (self.instance.severity if self.instance.pk else Severity.MEDIUM)
            data["priority_reason"] = ""
        elif computed and data.get("severity") != computed and not data.get("priority_reason"):
            words = {"priority": Severity(computed).label}
            self.add_error("priority_reason", _("Impact and urgency give “%(priority)s”: say why not.") % words)
        return data


class ReportForm(IssueFacts):
    """Fast: a title is enough. Known gaps that fit the title are shown once before it is filed."""

    fieldsets = [
        ("", ["title", "type", "severity", "description"]),
        (_("Judged by us"), ["impact", "urgency", "priority_reason"]),
        (_("More, if you know it"), ["requirement", "found_in", "organisation", "assignee"]),
    ]

    class Meta:
        model = Issue
        fields = FACTS

    def __init__(self, *args, reader, **kwargs):
        super().__init__(*args, **kwargs)
        self.reader = reader
        if "requirement" in self.fields:
            promised = self.fields["requirement"].queryset
            self.fields["requirement"].queryset = promised.visible_to(reader, self.product)
        self.fields["title"].widget.attrs["autofocus"] = True
        self.gaps: list[KnownGap] = []

    @property
    def shown(self) -> str:
        """The known gaps on this page, for the hidden field that stands beside them."""
        return gaps_key(self.gaps)

    def clean(self):
        data = super().clean()
        if title := data.get("title"):
            self.gaps = list(self.product.known_gaps.visible_to(self.reader, self.product).like(title))
            seen = set(self.data.get("seen", "").split(","))
            if not {str(gap.number) for gap in self.gaps} <= seen:
                self.add_error(
                    None,
                    _("This may be known already: see below. If it is something else, report it once more."),
                )
        return data

    def report(self, *, by) -> Issue:
        data = {name: value for name, value in self.cleaned_data.items() if name not in self.own}
        with transaction.atomic():
            issue = Issue.report(self.product, by=by, **data)
            telling.ask_given(issue, None, by=by)
        return issue


def gaps_key(gaps) -> str:
    """The numbers of known gaps as the hidden field keeps them."""
    return ",".join(str(gap.number) for gap in gaps)


class IssueForm(IssueFacts, VersionedForm):
    """Edits an issue; a changed priority gives new dues."""

    class Meta:
        model = Issue
        fields = FACTS

    def revise(self, *, by) -> None:
        names = [name for name in self._meta.fields if name in self.fields]
        with transaction.atomic():
            was = Issue.objects.values_list("assignee", flat=True).get(pk=self.instance.pk)
            self.instance.revise([*names, "details"], by=by, version=self.cleaned_data["version"])
            telling.ask_given(self.instance, was, by=by)


class NoteForm(forms.Form):
    """A word on the issue. Public unless marked: clients read public notes."""

    text = forms.CharField(label=_("Note"), widget=forms.Textarea(attrs={"rows": 3}), max_length=20000)
    is_internal = forms.BooleanField(required=False, label=_("Internal: clients never see it"), initial=False)
    thanks = forms.BooleanField(required=False, label=_("Only a word: leave it solved"), initial=False)

    def __init__(self, *args, internal, issue, **kwargs):
        super().__init__(*args, **kwargs)
        if not internal:
            del self.fields["is_internal"]
        # What a customer says to what is solved opens it again, unless they say that it should not.
        if internal or issue.is_open or issue.duplicate_of_id:
            del self.fields["thanks"]


class TextForm(forms.Form):
    """One text that a move asks for: the question to the customer, the reason for reopening."""

    text = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 3}), max_length=20000)

    def __init__(self, *args, label="", required=True, **kwargs):
        super().__init__(*args, **kwargs)
        if label:
            self.fields["text"].label = label
        self.fields["text"].required = required


class ResolveForm(forms.Form):
    """How it was solved, why it happened, and the release that brings the fix."""

    resolution = forms.CharField(label=_("Resolution"), widget=forms.Textarea(attrs={"rows": 3}), max_length=20000)
    root_cause = forms.CharField(
        label=_("Root cause"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=20000,
        required=False,
        help_text=_("For ourselves: clients do not see it."),
    )
    fixed_in = forms.ModelChoiceField(None, required=False, label=_("Fixed in release"), empty_label=_("No release"))

    def __init__(self, *args, product, issue, **kwargs):
        super().__init__(*args, initial={"with_children": True, "root_cause": issue.root_cause}, **kwargs)
        self.fields["fixed_in"].queryset = product.releases.all()
        if steps := issue.check_lines.filter(done_at=None).count():
            label = ngettext("Resolve it with a step open", "Resolve it with %(n)d steps open", steps) % {"n": steps}
            self.fields["steps_open"] = forms.BooleanField(
                label=label, help_text=_("Its checklist is not done: tick the steps first, or say so here.")
            )
        if count := issue.children.open().count():
            label = ngettext("Resolve its child too", "Resolve its %(n)d children too", count) % {"n": count}
            self.fields["with_children"] = forms.BooleanField(
                required=False, label=label, help_text=_("Their customers read the same resolution.")
            )

    def clean(self):
        data = super().clean()
        data.pop("steps_open", None)  # asked of the person, not kept
        return data


class ReopenForm(TextForm):
    """What is still wrong; of a parent also which of its solved children are open again with it."""

    children = forms.ModelMultipleChoiceField(
        None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Its children too"),
        help_text=_("Chosen are those that were solved with it. Their customers do not read what you write here."),
    )

    def __init__(self, *args, product, issue, **kwargs):
        super().__init__(*args, label=_("What is still wrong?"), **kwargs)
        solved = issue.children.exclude(state__in=Issue.OPEN_STATES).filter(duplicate_of=None).order_by("number")
        together = [child.pk for child in solved if child.resolved_at == issue.resolved_at]
        if solved:
            self.fields["children"].queryset = solved
            self.initial["children"] = together
        else:
            del self.fields["children"]


class ParentForm(forms.Form):
    """Which issue is worked on for this one, too."""

    parent = forms.CharField(label=_("Parent"), max_length=20, help_text=_("Its number, such as ISS-14."))

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product

    def clean_parent(self):
        return issue_by_number(self.product, self.cleaned_data["parent"])


def issue_by_number(product, text: str) -> Issue:
    """The issue that a text names (ISS-14 or 14); ValidationError where there is none."""
    number = text.strip().upper().removeprefix("ISS-")
    found = product.issues.filter(number=int(number)).first() if number.isdecimal() and len(number) < 10 else None
    if found is None:
        raise forms.ValidationError(_("There is no such issue here. Write its number, such as ISS-14."))
    return found


class DuplicateForm(forms.Form):
    """Which issue says the same."""

    of = forms.CharField(label=_("The other issue"), max_length=20, help_text=_("Its number, such as ISS-14."))

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product

    def clean_of(self):
        return issue_by_number(self.product, self.cleaned_data["of"])


class KnownErrorForm(forms.Form):
    """What reporters see before they file the same. Anybody who may report reads it."""

    title = forms.CharField(label=_("Title"), max_length=250, help_text=_("As anybody may read it: name no client."))
    workaround = forms.CharField(label=_("Workaround"), widget=forms.Textarea(attrs={"rows": 3}), max_length=20000)
    wide = {"title"}

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)


class GapForm(forms.ModelForm):
    """A known gap: what it does not do, and how to live with it."""

    wide = {"title"}

    class Meta:
        model = KnownGap
        fields = ["title", "description", "workaround", "requirement"]

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product
        self.fields["requirement"].queryset = product.requirements.all()
        self.fields["requirement"].empty_label = _("None")

    def clean(self):
        data = super().clean()
        refuse_names(self.product, {name: data.get(name, "") for name in ("title", "description", "workaround")})
        return data
