"""Forms of the handover record: they parse; the actions decide."""

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.models import Product
from handover.transfer import items
from handover.transfer.models import Handover, OpenItem
from pmdm.accounts.roles import Permission
from pmdm.registers.models import CODE
from pmdm.ui.forms import FilterForm


class DetailsForm(forms.ModelForm):
    """What is handed over, to whom, into which product."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Handover
        fields = ["receiver", "product", "product_code", "product_name", "go_live", "target_date", "scope"]
        widgets = {"go_live": forms.DateInput, "target_date": forms.DateInput}
        help_texts = {
            "product": _("Choose an existing product only if this project extends one; else it will be created."),
            "product_code": _("Short, in capital letters; the address of the product."),
        }

    wide = ("scope",)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version
        self.fields["product"].queryset = Product.objects.live().allowing(user, Permission.PRODUCT_VIEW)
        self.fields["product"].empty_label = _("A new product")
        receiver = self.instance.project.delivery_manager
        people = self.fields["receiver"].queryset.filter(is_active=True, organisation=None)
        self.fields["receiver"].queryset = people
        self.fields["receiver"].help_text = (
            _("Named on the project: %(name)s.") % {"name": receiver}
            if receiver
            else _("Nobody is named on the project.")
        )
        self.fields["product_code"].validators.append(CODE)

    def clean(self):
        cleaned = super().clean()
        receiver = cleaned.get("receiver")
        if receiver and receiver.pk == self.instance.giver_id:
            self.add_error("receiver", _("This person gives; choose the person who receives."))
        code = cleaned.get("product_code")
        if code and not cleaned.get("product") and Product.objects.filter(code=code).exists():
            self.add_error("product_code", _("A product with this code exists; choose it above, or another code."))
        return cleaned


class EvidenceForm(forms.Form):
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Document, link or a sentence")}),
    )


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(label=_("Decision"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Why? Needed unless it is carried over")}),
    )

    def __init__(self, *args, item: OpenItem, **kwargs):
        kwargs.setdefault("prefix", f"item-{item.pk}")
        kwargs.setdefault("initial", {"decision": item.decision, "reason": item.reason})
        super().__init__(*args, **kwargs)
        allowed = items.ALLOWED[items.kind_of(item)]
        field = self.fields["decision"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Decide …")), *((choice.value, choice.label) for choice in allowed)]


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label=_("What is missing?"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), required=True
    )


class HandoverFilter(FilterForm):
    q = forms.CharField(label=_("Search handovers"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *Handover.State.choices])

    def filter(self, queryset):
        if state := self.cleaned_data["state"]:
            queryset = queryset.filter(state=state)
        for word in self.words():
            queryset = queryset.filter(project__name__icontains=word) | queryset.filter(project__code__icontains=word)
        return queryset
