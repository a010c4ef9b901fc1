"""Forms of a product: launch, edit, stage, team, service levels."""

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.issues import durations
from delivery.issues.models import Severity
from delivery.products.models import Membership, Product
from pmdm.accounts.models import Organisation, User
from pmdm.accounts.roles import Role
from pmdm.prepared import PreparedFor
from pmdm.registers.editing import VersionedForm
from pmdm.ui.forms import FilterForm

FACTS = ["name", "description", "clients", "live_on", "retire_on", "calendar", "availability_target"]


@PreparedFor
def _clients_of_visible(reader):
    products = Product.objects.visible_to(reader).order_by().values("pk")
    clients = Product.clients.through.objects.filter(product__in=products).values("organisation")
    return Organisation.objects.known_to(reader).filter(pk__in=clients).order_by("name").values_list("pk", "name")


class ProductFilter(FilterForm):
    """Narrows the list of products; retired ones only when asked for."""

    q = forms.CharField(required=False, label=_("Search"), max_length=200)
    stage = forms.ChoiceField(
        required=False,
        label=_("Stage"),
        choices=[("", _("Not retired")), *Product.Stage.choices, ("all", _("All"))],
    )
    client = forms.ModelChoiceField(
        Organisation.objects.none(), required=False, label=_("Client"), empty_label=_("All clients")
    )

    def __init__(self, *args, products, reader, **kwargs):
        super().__init__(*args, **kwargs)
        # Only clients of products that the reader may see.
        client = self.fields["client"]
        client.choices = [("", client.empty_label), *_clients_of_visible(reader)]
        client.queryset = Organisation.objects.known_to(reader).filter(
            pk__in=Product.clients.through.objects.filter(product__in=products.order_by()).values("organisation")
        )

    def filter(self, products):
        stage, client = self.cleaned_data["stage"], self.cleaned_data["client"]
        if not stage:
            products = products.live()
        elif stage != "all":
            products = products.filter(stage=stage)
        if client:
            products = products.filter(clients=client)
        return products.searching(self.words())


class ProductFacts(forms.ModelForm):
    """What both the launch and the edit form check."""

    wide = {"name", "clients"}

    class Meta:
        model = Product
        fields = FACTS
        help_texts = {
            "calendar": _("Service levels count in these hours. Empty: round the clock."),
            "clients": _("Whose people may report issues and answer surveys."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["calendar"].empty_label = _("Round the clock")
        self.fields["availability_target"].widget.attrs["data-unit"] = "%"
        self.fields["clients"].widget = forms.CheckboxSelectMultiple(choices=self.fields["clients"].choices)

    def clean(self):
        data = super().clean()
        live, retire = data.get("live_on"), data.get("retire_on")
        if live and retire and retire < live:
            self.add_error("retire_on", _("The end of life comes after going live: on %s or later.") % live)
        target = data.get("availability_target")
        if target is not None and not 0 < target <= 100:
            self.add_error("availability_target", _("More than 0 and at most 100: 99.5 is usual."))
        return data


class LaunchForm(ProductFacts):
    """A product that starts without a project behind it."""

    delivery_manager = forms.ModelChoiceField(User.objects.none(), label=_("Delivery manager"))

    fieldsets = [
        (_("What it is"), ["name", "code", "stage", "description", "clients"]),
        (
            _("How it is looked after"),
            ["delivery_manager", "live_on", "retire_on", "calendar", "availability_target"],
        ),
    ]

    class Meta(ProductFacts.Meta):
        fields = [*FACTS, "code", "stage"]
        help_texts = {
            **ProductFacts.Meta.help_texts,
            "code": _("Short and lasting, such as CLAIMS. It stands in every address."),
        }

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["delivery_manager"].queryset = own_people()
        self.fields["delivery_manager"].initial = by.pk
        self.fields["stage"].choices = [c for c in Product.Stage.choices if c[0] != Product.Stage.RETIRED]

    def clean_code(self):
        return self.cleaned_data["code"].upper()

    def launch(self, *, by) -> Product:
        return Product.launch(by=by, **self.cleaned_data)


class ProductForm(ProductFacts, VersionedForm):
    """Edits the facts of a product; two people at once see each other."""

    fieldsets = [
        (_("What it is"), ["name", "description", "clients"]),
        (_("How it is looked after"), ["live_on", "retire_on", "calendar", "availability_target", "reopen_days"]),
    ]

    class Meta(ProductFacts.Meta):
        fields = [*FACTS, "reopen_days"]
        help_texts = {
            **ProductFacts.Meta.help_texts,
            "reopen_days": _("From its solution on. A later answer becomes a new issue that follows it; 0: each does."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reopen_days"].required = False

    def clean_reopen_days(self):
        given = self.cleaned_data["reopen_days"]
        return self.initial["reopen_days"] if given is None else given

    def revise(self, *, by) -> None:
        fields = [name for name in (*FACTS, "reopen_days") if name != "clients"]
        self.instance.revise(fields, by=by, version=self.cleaned_data["version"], clients=self.cleaned_data["clients"])


class StageForm(forms.Form):
    """The next stage, with a reason."""

    wide = {"stage"}

    stage = forms.ChoiceField(label=_("Next stage"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea, max_length=5000)

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["stage"].choices = product.next_stages


class MemberForm(forms.Form):
    """A person and the role they get."""

    user = forms.ModelChoiceField(User.objects.none(), label=_("Person"), empty_label=_("Choose a person"))
    role = forms.ChoiceField(label=_("Role"), choices=Membership.ROLES, initial=Role.MEMBER)

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product
        clients = product.clients.values("pk")
        self.fields["user"].queryset = (
            User.objects.filter(is_active=True, organisation=None)
            | User.objects.filter(is_active=True, organisation__in=clients)
        ).select_related("organisation")
        self.fields["user"].label_from_instance = lambda user: (
            f"{user.name} ({user.organisation})" if user.organisation else user.name
        )

    def clean(self):
        data = super().clean()
        user, role = data.get("user"), data.get("role")
        if user and role and bool(user.organisation_id) != (role == Role.CLIENT):
            self.add_error(
                "role",
                _("A client's people get the role “Client”.")
                if user.organisation_id
                else _("The role “Client” is for people of a client organisation."),
            )
        if user and role and self.product.memberships.filter(user=user, role=role).exists():
            self.add_error("user", _("%s has this role already.") % user)
        return data


class ServiceLevelForm(forms.Form):
    """Response and resolution for each severity, as people write times: 30m, 4h, 2d."""

    def __init__(self, *args, product, hours, **kwargs):
        self.product, self.per_day = product, hours.minutes_per_day
        levels = {level.severity: level for level in product.service_levels.all()}
        super().__init__(*args, **kwargs)
        self.fieldsets = []
        for severity in Severity:
            names = f"response_{severity.value}", f"resolution_{severity.value}"
            level = levels.get(severity)
            for name, label, minutes in zip(
                names,
                (_("First response within"), _("Resolved within")),
                (level.response, level.resolution) if level else (None, None),
                strict=True,
            ):
                self.fields[name] = forms.CharField(
                    label=label,
                    max_length=30,
                    initial=durations.words(minutes, self.per_day) if minutes else "",
                )
            self.fieldsets.append((severity.label, list(names)))

    def clean(self):
        data = super().clean()
        self.levels: dict[int, tuple[int, int]] = {}
        for severity in Severity:
            both = [self._minutes(f"{kind}_{severity.value}") for kind in ("response", "resolution")]
            if None in both:
                continue
            if both[1] < both[0]:
                self.add_error(f"resolution_{severity.value}", _("The resolution cannot be due before the response."))
            self.levels[severity.value] = (both[0], both[1])
        return data

    def _minutes(self, name) -> int | None:
        text = self.cleaned_data.get(name)
        if not text:
            return None
        try:
            return durations.parse(text, self.per_day)
        except durations.NotADuration:
            self.add_error(name, _("“%s” is no time. Write 30m, 4h, 2d, 1w or 1d 4h.") % text)
            return None


def own_people():
    """Active people of our own company."""
    return User.objects.filter(is_active=True, organisation=None)
