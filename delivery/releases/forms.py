"""Forms of releases."""

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.releases.models import Release
from pmdm.registers.editing import VersionedForm


class _Release:
    wide: set[str] = set()

    def clean_name(self):
        name = self.cleaned_data["name"].strip()
        if self.product.releases.filter(name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is a release of this name already."))
        return name


class ReleaseNewForm(_Release, forms.ModelForm):
    """A new release."""

    class Meta:
        model = Release
        fields = ["name", "released_on", "notes"]
        help_texts = {"released_on": _("Empty while it is planned.")}

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product


class ReleaseForm(_Release, VersionedForm):
    """Edits a release."""

    class Meta(ReleaseNewForm.Meta):
        pass

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product
