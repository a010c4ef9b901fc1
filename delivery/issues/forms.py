"""Forms of issues: the queue's filter, reporting, editing, the moves."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from delivery.issues.models import Issue, KnownGap, Severity
from pmdm.accounts.models import Organisation, User
from pmdm.accounts.roles import Permission as P
from pmdm.accounts.roles import Role
from pmdm.prepared import Prepared
from pmdm.registers.editing import VersionedForm
from pmdm.ui.forms import FilterForm


def people_of(product):
    """Who may be given an issue: our own people on this product."""
    return (
        User.objects.filter(product_memberships__product=product, is_active=True, organisation=None)
        .exclude(~Q(product_memberships__role__in=(Role.DELIVERY_MANAGER, Role.SUPPORT, Role.MEMBER)))
        .distinct()
    )


_names_of = Prepared(lambda product: people_of(product).order_by("name").values_list("pk", "name"))


class IssueFilter(FilterForm):
    """Narrows the queue; open issues unless asked otherwise."""

    q = forms.CharField(required=False, label=_("Search"), max_length=200)
    state = forms.ChoiceField(
        required=False,
        label=_("State"),
        choices=[("", _("Open")), *Issue.State.choices, ("all", _("All"))],
    )
    type = forms.ChoiceField(required=False, label=_("Type"), choices=[("", _("All")), *Issue.Type.choices])
    severity = forms.ChoiceField(required=False, label=_("Severity"), choices=[("", _("All")), *Severity.choices])
    assignee = forms.ModelChoiceField(
        User.objects.none(), required=False, label=_("Assignee"), empty_label=_("Everybody")
    )
    overdue = forms.BooleanField(required=False, label=_("Overdue"))

    def __init__(self, *args, product, internal, **kwargs):
        super().__init__(*args, **kwargs)
        if not internal:
            del self.fields["assignee"]
            return
        assignee = self.fields["assignee"]
        assignee.choices = [("", assignee.empty_label), *_names_of(product.pk)]
        assignee.queryset = people_of(product)

    def filter(self, issues):
        data = self.cleaned_data
        if not data["state"]:
            issues = issues.open()
        elif data["state"] != "all":
            issues = issues.filter(state=data["state"])
        if data["overdue"]:
            issues = issues.overdue()
        for name in ("type", "severity", "assignee"):
            if data.get(name):
                issues = issues.filter(**{name: data[name]})
        return issues.searching(self.words())


class IssueFacts(forms.ModelForm):
    """What is said about an issue; staff also say whose it is and who works on it."""

    wide = {"title"}
    INTERNAL = ("assignee", "organisation")

    def __init__(self, *args, product, can, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product
        if "requirement" in self.fields:
            self.fields["requirement"].queryset = product.requirements.all()
            self.fields["requirement"].empty_label = _("None, or not known")
        if P.INTERNAL_VIEW in can:
            self.fields["assignee"].queryset = people_of(product)
            self.fields["assignee"].empty_label = _("Nobody yet")
            self.fields["organisation"].queryset = Organisation.objects.filter(pk__in=product.clients.values("pk"))
            self.fields["organisation"].empty_label = _("No client in particular")
        else:
            for name in self.INTERNAL:
                self.fields.pop(name, None)


class ReportForm(IssueFacts):
    """Fast: a title is enough. Known gaps that fit the title are shown once before it is filed."""

    fieldsets = [
        ("", ["title", "type", "severity", "description"]),
        (_("More, if you know it"), ["requirement", "organisation", "assignee"]),
    ]

    class Meta:
        model = Issue
        fields = ["title", "type", "severity", "description", "requirement", "organisation", "assignee"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["title"].widget.attrs["autofocus"] = True
        self.gaps: list[KnownGap] = []

    @property
    def shown(self) -> str:
        """The known gaps on this page, for the hidden field that stands beside them."""
        return gaps_key(self.gaps)

    def clean(self):
        data = super().clean()
        if title := data.get("title"):
            self.gaps = list(self.product.known_gaps.like(title))
            seen = set(self.data.get("seen", "").split(","))
            if not {str(gap.number) for gap in self.gaps} <= seen:
                self.add_error(
                    None,
                    _("This may be known already: see below. If it is something else, report it once more."),
                )
        return data

    def report(self, *, by) -> Issue:
        return Issue.report(self.product, by=by, **self.cleaned_data)


def gaps_key(gaps) -> str:
    """The numbers of known gaps as the hidden field keeps them."""
    return ",".join(str(gap.number) for gap in gaps)


class IssueForm(IssueFacts, VersionedForm):
    """Edits an issue; a changed severity gives new dues."""

    class Meta:
        model = Issue
        fields = ["title", "type", "severity", "description", "requirement", "organisation", "assignee"]

    def revise(self, *, by) -> None:
        names = [name for name in self._meta.fields if name in self.fields]
        self.instance.revise(names, by=by, version=self.cleaned_data["version"])


class NoteForm(forms.Form):
    """A word on the issue. Public unless marked: clients read public notes."""

    text = forms.CharField(label=_("Note"), widget=forms.Textarea(attrs={"rows": 3}), max_length=20000)
    is_internal = forms.BooleanField(required=False, label=_("Internal: clients never see it"), initial=False)

    def __init__(self, *args, internal, **kwargs):
        super().__init__(*args, **kwargs)
        if not internal:
            del self.fields["is_internal"]


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

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["fixed_in"].queryset = product.releases.all()


class GapForm(forms.ModelForm):
    """A known gap: what it does not do, and how to live with it."""

    wide = {"title"}

    class Meta:
        model = KnownGap
        fields = ["title", "description", "workaround", "requirement"]

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["requirement"].queryset = product.requirements.all()
        self.fields["requirement"].empty_label = _("None")
