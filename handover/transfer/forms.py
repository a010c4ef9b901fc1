"""Forms of the handover record: they parse; the actions decide."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from delivery.models import Product
from handover.transfer.actions import LONGEST, Wanted, owners_of_conditions
from handover.transfer.models import Handover
from pmdm.accounts.roles import Permission
from pmdm.registers.models import CODE
from pmdm.ui.forms import FilterForm


class StartForm(forms.Form):
    """What kind of handover is opened."""

    kind = forms.ChoiceField(
        label=_("Kind of product"),
        choices=Handover.Kind.choices,
        help_text=_("Chooses the criteria it starts with."),
    )
    what = forms.ChoiceField(
        label=_("What is handed over"),
        choices=[
            ("final", _("All that is left: the project ends its responsibility")),
            ("release", _("A release: the project goes on")),
        ],
        widget=forms.RadioSelect,
        initial="final",
    )
    title = forms.CharField(label=_("Title"), max_length=120, required=False, help_text=_("Such as “Release 1”."))

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        if not project.is_open:
            # A project that has ended hands over what exists.
            self.fields["what"].choices = self.fields["what"].choices[:1]
        if project.handovers.accepted().exists():
            del self.fields["kind"]


class DetailsForm(forms.ModelForm):
    """What is handed over, to whom, into which product."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Handover
        fields = [
            "title",
            "receiver",
            "product",
            "product_code",
            "product_name",
            "kind_of_product",
            "is_final",
            "go_live",
            "target_date",
            "scope",
        ]
        widgets = {"go_live": forms.DateInput, "target_date": forms.DateInput}
        help_texts = {
            "title": _("Such as “Release 1”; may stay empty."),
            "product": _("Choose an existing product only if this project extends one; else it will be created."),
            "product_code": _("Short, in capital letters; the address of the product."),
            "kind_of_product": _("Another kind brings its own criteria; lines nobody has touched yet go."),
            "is_final": _("Without it the project keeps what this handover does not carry."),
            "target_date": _("Both sides are reminded by mail; the sponsor hears of it when it has passed."),
        }

    wide = ("scope",)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version
        self.fields["product"].queryset = Product.objects.live().allowing(user, Permission.PRODUCT_VIEW)
        self.fields["product"].empty_label = _("A new product")
        project = self.instance.project
        receiver = project.delivery_manager
        people = self.fields["receiver"].queryset.filter(is_active=True, organisation=None)
        self.fields["receiver"].queryset = people
        self.fields["receiver"].help_text = (
            _("Named on the project: %(name)s.") % {"name": receiver}
            if receiver
            else _("Nobody is named on the project.")
        )
        self.fields["product_code"].validators.append(CODE)
        if not project.is_open:
            del self.fields["is_final"]

    @property
    def names(self) -> list[str]:
        """The fields that may be written."""
        return [name for name in self.Meta.fields if name in self.fields]

    def clean(self):
        cleaned = super().clean()
        receiver = cleaned.get("receiver")
        if receiver and receiver.pk == self.instance.giver_id:
            self.add_error("receiver", _("This person gives; choose the person who receives."))
        code = cleaned.get("product_code")
        if code and not cleaned.get("product") and Product.objects.filter(code=code).exists():
            self.add_error("product_code", _("A product with this code exists; choose it above, or another code."))
        return cleaned


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label=_("What is missing?"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("In a sentence or two; remarks on lines are sent along. May stay empty when they say it all."),
    )


class RemarkForm(forms.Form):
    """A remark on a line: 'c-12' is a criterion, 'i-7' an open item, '' the whole."""

    line = forms.CharField(required=False, widget=forms.Select, label=_("Line"))
    text = forms.CharField(label=_("What is missing"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class AnswerForm(forms.Form):
    answer = forms.CharField(label=_("What was done about it"), max_length=2000)


class EvidenceForm(forms.Form):
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=500,
        widget=forms.TextInput(attrs={"placeholder": _("Document, link or a sentence")}),
    )


class NewOwnerForm(forms.Form):
    owner = forms.ModelChoiceField(label=_("New owner"), queryset=None, empty_label=_("Who?"))

    def __init__(self, *args, handover, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners_of_conditions(handover)


class ConditionForm(forms.Form):
    """One condition; an empty row is none."""

    text = forms.CharField(label=_("Condition"), max_length=LONGEST, required=False)
    owner = forms.ModelChoiceField(label=_("Owner"), queryset=None, required=False, empty_label=_("Who?"))
    due = forms.DateField(label=_("Due"), required=False, widget=forms.DateInput)

    def __init__(self, *args, handover, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners_of_conditions(handover)

    def clean(self):
        cleaned = super().clean()
        if any(cleaned.get(name) for name in ("text", "owner", "due")):
            for name, word in (
                ("text", _("Say what is to be done.")),
                ("owner", _("Name who does it.")),
                ("due", _("Say until when.")),
            ):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, word)
        return cleaned

    @property
    def wanted(self) -> Wanted | None:
        data = self.cleaned_data
        return Wanted(data["text"], data["owner"], data["due"]) if data.get("text") else None


class HandoverFilter(FilterForm):
    q = forms.CharField(label=_("Search handovers"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *Handover.State.choices])

    def filter(self, queryset):
        if state := self.cleaned_data["state"]:
            queryset = queryset.filter(state=state)
        for word in self.words():
            found = Q(project__name__icontains=word) | Q(project__code__icontains=word) | Q(title__icontains=word)
            people = Q(giver__name__icontains=word) | Q(receiver__name__icontains=word)
            queryset = queryset.filter(found | people | Q(product__name__icontains=word))
        return queryset
