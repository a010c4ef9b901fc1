"""Forms of mail: the mailbox, the log's filter, what becomes of a quarantined mail."""

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.issues.models import Issue
from delivery.mail.models import InboundMail, Mailbox, check_free
from delivery.products.models import Membership
from pmdm.accounts.models import User
from pmdm.accounts.roles import Role
from pmdm.ui.forms import FilterForm


class MailboxForm(forms.ModelForm):
    """The address of a product."""

    class Meta:
        model = Mailbox
        fields = ["address", "name", "unknown", "is_active"]
        help_texts = {"name": _("Answers come from this name: “Claims portal support”.")}

    def clean_address(self):
        address = self.cleaned_data["address"].lower()
        check_free(address, self.instance)
        return address


class MailFilter(FilterForm):
    """Narrows the log of mail."""

    q = forms.CharField(required=False, label=_("Search"), max_length=200)
    state = forms.ChoiceField(required=False, label=_("State"), choices=[("", _("All")), *InboundMail.State.choices])

    def filter(self, mails):
        if state := self.cleaned_data["state"]:
            mails = mails.filter(state=state)
        for word in self.words():
            mails = mails.filter(subject__icontains=word) | mails.filter(sender__icontains=word)
        return mails


def clients_of(product):
    """People of the client on a product."""
    members = Membership.objects.filter(product=product, role=Role.CLIENT).values("user")
    return User.objects.filter(pk__in=members, is_active=True).select_related("organisation").order_by("name", "pk")


class AsIssueForm(forms.Form):
    """Make an issue of a mail."""

    wide = {"title"}
    title = forms.CharField(label=_("Title"), max_length=250)
    type = forms.ChoiceField(label=_("Type"), choices=Issue.Type.choices)
    person = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Reported by"),
        required=False,
        empty_label=_("Whoever wrote it"),
        help_text=_("A person of the client. Whoever wrote it is answered by mail alone."),
    )
    organisation = forms.ModelChoiceField(
        None,
        label=_("Client"),
        required=False,
        empty_label=_("Not known"),
        help_text=_("Its people see the issue. A person's own client goes before."),
    )

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = clients_of(product)
        self.fields["organisation"].queryset = product.clients.all()


class AsNoteForm(forms.Form):
    """Put a mail on an issue that exists."""

    issue = forms.IntegerField(label=_("Issue number"), min_value=1, help_text=_("Of this product: 12 for ISS-12."))
    is_public = forms.BooleanField(
        label=_("The client may read it"), required=False, help_text=_("Left out, it is an internal note.")
    )

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product

    def clean_issue(self):
        found = self.product.issues.filter(number=self.cleaned_data["issue"]).first()
        if found is None:
            raise forms.ValidationError(_("This product has no issue of this number."))
        found.product = self.product
        return found
