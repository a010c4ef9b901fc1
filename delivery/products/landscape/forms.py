"""Forms of environments, deployments, components and what they need."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.issues.forms import people_of
from delivery.products.landscape.models import Component, Environment
from delivery.products.models import Product
from pmdm.accounts.models import Organisation
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import VersionedForm
from pmdm.ui.parts import Text


class _Named:
    """A name that the product has once."""

    taken: Text = ""
    rows = ""

    def clean_name(self):
        name = self.cleaned_data["name"].strip()
        if getattr(self.product, self.rows).filter(name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(self.taken)
        return name


class _Environment(_Named):
    wide = {"address"}
    taken, rows = _("There is an environment of this name already."), "environments"

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product
        field = self.fields["organisation"]
        field.queryset = Organisation.objects.filter(pk__in=product.clients.values("pk"))
        field.empty_label = _("All clients")


FACTS = ["name", "kind", "organisation", "address", "note"]
ADDRESS = {"address": _("Where it is reached: https://… or the name of a machine.")}


class EnvironmentNewForm(_Environment, forms.ModelForm):
    class Meta:
        model = Environment
        fields = FACTS
        help_texts = ADDRESS


class EnvironmentForm(_Environment, VersionedForm):
    class Meta:
        model = Environment
        fields = [*FACTS, "ended_on"]
        help_texts = ADDRESS


class DeployForm(forms.Form):
    """A version came onto an environment."""

    release = forms.ModelChoiceField(None, label=_("Version"), empty_label=_("Choose a version"))
    at = forms.DateTimeField(label=_("When"), help_text=_("In UTC."))
    is_rollback = forms.BooleanField(required=False, label=_("Rolled back to it"))
    note = forms.CharField(required=False, label=_("Note"), max_length=5000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **{"auto_id": "id_deploy_%s", **kwargs})
        self.fields["release"].queryset = product.releases.all()
        self.initial.setdefault("at", timezone.localtime().replace(second=0, microsecond=0))


class _Component(_Named):
    wide = {"description"}
    taken, rows = _("There is a component of this name already."), "components"

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product
        self.fields["owner"].queryset = people_of(product)
        self.fields["owner"].empty_label = _("Nobody in particular")


class ComponentNewForm(_Component, forms.ModelForm):
    class Meta:
        model = Component
        fields = ["name", "kind", "owner", "description"]


class ComponentForm(_Component, VersionedForm):
    class Meta(ComponentNewForm.Meta):
        pass


class DependencyForm(forms.Form):
    """What a component needs, of this product or of another that the writer sees."""

    needs = forms.ModelChoiceField(Component.objects.none(), label=_("Needs"), empty_label=_("Choose a component"))
    is_hard = forms.TypedChoiceField(
        label=_("How much"),
        choices=[("1", _("Stands still without it")), ("0", _("Works with less"))],
        coerce=lambda word: word == "1",
        initial="1",
    )

    def __init__(self, *args, component, reader, **kwargs):
        super().__init__(*args, **{"auto_id": "id_needs_%s", **kwargs})
        seen = Product.objects.allowing(reader, P.INTERNAL_VIEW)
        field = self.fields["needs"]
        field.queryset = (
            Component.objects.filter(product__in=seen)
            .exclude(pk=component.pk)
            .select_related("product")
            .order_by("product__name", "name")
        )
        field.label_from_instance = lambda row: (
            row.name if row.product_id == component.product_id else f"{row.name} ({row.product.name})"
        )
