"""The field that takes a file: small enough, of a known kind, and its content is what its name says."""

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.files.kinds import ACCEPT, KINDS, clean_name, ending_of

MAX_SIZE = 20 * 1024 * 1024  # bytes


class AttachmentField(forms.FileField):
    """An optional file of one of ``KINDS``, at most ``MAX_SIZE`` bytes; its name is cleaned."""

    widget = forms.FileInput

    def __init__(self, *, label=None, required=False, **options):
        super().__init__(label=gettext_lazy("File") if label is None else label, required=required, **options)
        self.widget.attrs.setdefault("accept", ACCEPT)

    def clean(self, data, initial=None):
        upload = super().clean(data, initial)
        if not upload:
            return upload
        if upload.size > MAX_SIZE:
            raise ValidationError(
                _("%(name)s is %(size)s. A file may have %(most)s.")
                % {"name": upload.name, "size": filesizeformat(upload.size), "most": filesizeformat(MAX_SIZE)},
                code="size",
            )
        upload.name = clean_name(upload.name)
        kind = KINDS.get(ending_of(upload.name))
        if kind is None:
            raise ValidationError(
                _("%(name)s is of a kind that is not taken. Taken are: %(kinds)s.")
                % {"name": upload.name, "kinds": ", ".join(KINDS)},
                code="kind",
            )
        content = upload.read()
        upload.seek(0)
        if not kind.fits(content):
            raise ValidationError(
                _("%(name)s does not hold what its ending says (%(ending)s). Save it as that kind, or rename it.")
                % {"name": upload.name, "ending": ending_of(upload.name)},
                code="content",
            )
        return upload
