from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handover.signoff.models import Signer
from pmdm.accounts.models import User
from pmdm.accounts.roles import PROJECT_PERMISSIONS, SITE_PERMISSIONS, Permission
from projects.lifecycle.forms.people import PersonField


def readers_of(project):
    """Our own active people who may see the handovers of this project."""
    roles = [role for role, held in PROJECT_PERMISSIONS.items() if Permission.HANDOVER_VIEW in held]
    site = [role for role, held in SITE_PERMISSIONS.items() if Permission.HANDOVER_VIEW in held]
    members = project.memberships.filter(role__in=roles).values("user")
    found = User.objects.filter(is_active=True, organisation=None)
    return found.filter(Q(pk__in=members) | Q(site_role__in=site)).order_by("name", "pk")


class SignerForm(forms.ModelForm):
    class Meta:
        model = Signer
        fields = ["user", "capacity", "step"]

    user = PersonField(required=True, label=_("Person"), empty_label=_("Choose a person"))

    def __init__(self, *args, handover, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = readers_of(handover.project).exclude(
            pk__in=[handover.giver_id, handover.receiver_id or 0]
        )


class DelegateForm(forms.ModelForm):
    delegate = PersonField(label=_("Delegate"), empty_label=_("Nobody"))

    class Meta:
        model = Signer
        fields = ["delegate", "away_from", "away_until"]
        widgets = {"away_from": forms.DateInput, "away_until": forms.DateInput}
        help_texts = {"away_from": _("Only where your absence is not entered with your working hours.")}

    def __init__(self, *args, handover, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["delegate"].queryset = readers_of(handover.project).exclude(pk=self.instance.user_id)

    def _post_clean(self):
        """The verb holds the rules; the instance stays as it is until then."""
