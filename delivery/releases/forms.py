"""Forms of releases: planning, contents, checks, freezes."""

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.products.models import Product
from delivery.products.naming import refuse_names
from delivery.releases.models import FreezeWindow, Release, ReleaseCheck, ReleaseItem
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import VersionedForm

PLAN = ["name", "starts_at", "ends_at", "targets", "components", "rollback_note"]
TEXTS = ["notes", "internal_notes"]
IN_UTC = {"starts_at": _("In UTC."), "ends_at": _("In UTC.")}


class _Release:
    wide = {"targets", "components"}

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product
        for name, rows in (("targets", product.environments.running()), ("components", product.components.all())):
            if name in self.fields:
                self.fields[name].queryset = rows
                self.fields[name].widget = forms.CheckboxSelectMultiple(choices=self.fields[name].choices)

    def clean_name(self):
        name = self.cleaned_data["name"].strip()
        if self.product.releases.filter(name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is a release of this name already."))
        return name

    def clean(self):
        data = super().clean()
        start, end = data.get("starts_at"), data.get("ends_at")
        if "starts_at" in self.fields and not self.errors:
            if bool(start) != bool(end):
                self.add_error("ends_at" if start else "starts_at", _("Say both, from when and to when, or neither."))
            elif start and end <= start:
                self.add_error("ends_at", _("It must end after it begins."))
        refuse_names(self.product, {"notes": data.get("notes", "")})
        return data


class ReleaseNewForm(_Release, forms.ModelForm):
    """A new release."""

    class Meta:
        model = Release
        fields = [*PLAN, *TEXTS]
        help_texts = IN_UTC

    def create(self):
        data = dict(self.cleaned_data)
        sets = {name: data.pop(name) for name in ("targets", "components")}
        release = Release.objects.create(product=self.product, **data)
        for name, rows in sets.items():
            getattr(release, name).set(rows)
        return release


class ReleaseForm(_Release, VersionedForm):
    """Edits a release: its plan only while it is a draft, its texts at any time."""

    class Meta:
        model = Release
        fields = [*PLAN, *TEXTS]
        help_texts = IN_UTC

    def __init__(self, *args, instance, **kwargs):
        super().__init__(*args, instance=instance, **kwargs)
        if not instance.is_planning:
            for name in PLAN:
                del self.fields[name]

    def save_changes(self) -> None:
        names = [name for name in self.fields if name not in ("version", "targets", "components")]
        self.instance.save_changes(names, version=self.cleaned_data["version"])
        for name in ("targets", "components"):
            if name in self.fields:
                getattr(self.instance, name).set(self.cleaned_data[name])


class ItemForm(forms.ModelForm):
    """One thing that is in the release."""

    wide = {"change", "public_text"}

    class Meta:
        model = ReleaseItem
        fields = ["issue", "requirement", "change", "public_text"]
        help_texts = {"change": _("Or in words, where there is no record of it.")}

    def __init__(self, *args, release, **kwargs):
        super().__init__(*args, **{"auto_id": "id_item_%s", **kwargs})
        self.release = release
        product = release.product
        for name, rows in (
            ("issue", product.issues.exclude(state="closed").order_by("-number")),
            ("requirement", product.requirements.all()),
        ):
            self.fields[name].queryset = rows.exclude(release_items__release=release)
            self.fields[name].empty_label = _("None")

    def clean(self):
        data = super().clean()
        if sum(bool(data.get(name)) for name in ("issue", "requirement", "change")) != 1 and not self.errors:
            self.add_error("change", _("Choose one issue or one requirement, or say the change in words."))
        refuse_names(self.release.product, {"public_text": data.get("public_text", "")})
        return data

    def _post_clean(self):
        """The table's rules need the release, which the page gives."""

    def add(self):
        return ReleaseItem.objects.create(product_id=self.release.product_id, release=self.release, **self.cleaned_data)


class CheckNewForm(forms.ModelForm):
    class Meta:
        model = ReleaseCheck
        fields = ["text"]


class CheckForm(forms.Form):
    """What was found."""

    result = forms.ChoiceField(label=_("Result"), choices=ReleaseCheck.Result.choices[1:])
    evidence = forms.CharField(label=_("What was seen"), max_length=5000)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=2000, required=False)


class OverrideForm(forms.Form):
    """Which freeze is overridden, and why it cannot wait."""

    freeze = forms.ModelChoiceField(None, label=_("Freeze"), empty_label=None)
    reason = forms.CharField(label=_("Why it cannot wait"), max_length=2000)

    def __init__(self, *args, freezes, **kwargs):
        super().__init__(*args, **{"auto_id": "id_override_%s", **kwargs})
        self.fields["freeze"].queryset = freezes


class FreezeForm(forms.ModelForm):
    """From when to when nothing is released."""

    class Meta:
        model = FreezeWindow
        fields = ["name", "product", "starts_at", "ends_at", "reason"]
        help_texts = IN_UTC

    def __init__(self, *args, reader, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = Product.objects.live().allowing(reader, P.FREEZE_OVERRIDE)
        self.fields["product"].empty_label = _("Choose a product")
        if P.FREEZE_OVERRIDE in reader.site_permissions:
            self.fields["product"].empty_label = _("The whole house")
        else:
            self.fields["product"].required = True

    def clean(self):
        data = super().clean()
        start, end = data.get("starts_at"), data.get("ends_at")
        if start and end and end <= start:
            self.add_error("ends_at", _("It must end after it begins."))
        return data
