"""Files that people attach as evidence, receipts or documents.

They lie in the database: a file and the row that names it are saved together or not at all, every web and worker
process sees them, and one backup holds both. Content is stored once for each SHA-256.
"""

import hashlib
import secrets

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.files.kinds import KINDS, NAME_LENGTH, clean_name, ending_of

MAX_FILES = 5_000  # of one project or product


def new_key() -> str:
    return secrets.token_urlsafe(18)  # 144 bits


class Content(models.Model):
    sha256 = models.CharField(max_length=64, primary_key=True)
    data = models.BinaryField()

    def __str__(self):
        return self.sha256


class FileQuerySet(models.QuerySet):
    def of(self, subject):
        """The files of one project or product."""
        return self.filter(subject_type=subject._meta.model_name, subject_id=subject.pk)


class File(models.Model):
    """One attached file of a project or product. ``permission`` is what reading it takes beyond seeing the subject."""

    subject_type = models.CharField(max_length=20)  # 'project', 'product'
    subject_id = models.BigIntegerField()
    key = models.CharField(max_length=32, unique=True, default=new_key)
    name = models.CharField(max_length=NAME_LENGTH)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()  # bytes
    content = models.ForeignKey(Content, models.PROTECT, related_name="+")
    permission = models.CharField(max_length=60)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)

    objects = FileQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="file_of_subject")]

    def __str__(self):
        return self.name

    @classmethod
    @transaction.atomic
    def keep(cls, subject, upload, *, by, permission: str, at=None) -> "File":
        """Store an upload that a form has checked (or any object with ``name`` and ``read()``) for this subject.

        ``permission`` names what reading it takes. ValidationError when the subject holds ``MAX_FILES`` already.
        """
        if cls.objects.of(subject).count() >= MAX_FILES:
            raise ValidationError(_("No more than %(n)d files can be attached here.") % {"n": MAX_FILES})
        data = upload.read()
        name = clean_name(str(upload.name))
        kind = KINDS.get(ending_of(name))
        digest = hashlib.sha256(data).hexdigest()
        Content.objects.bulk_create([Content(sha256=digest, data=data)], ignore_conflicts=True)
        return cls.objects.create(
            subject_type=subject._meta.model_name,
            subject_id=subject.pk,
            name=name,
            media_type=kind.media_type if kind else "application/octet-stream",
            size=len(data),
            content_id=digest,
            permission=permission,
            uploaded_by=by,
            uploaded_at=at or timezone.now(),
        )

    def also_for(self, subject, *, permission: str) -> "File":
        """The same content as a file of another subject, by whom and when it was uploaded first."""
        values = {name: getattr(self, name) for name in ("name", "media_type", "size", "content_id", "uploaded_by_id")}
        return type(self).objects.create(
            subject_type=subject._meta.model_name,
            subject_id=subject.pk,
            permission=permission,
            uploaded_at=self.uploaded_at,
            **values,
        )

    @property
    def sha256(self) -> str:
        return self.content_id

    def url_below(self, subject) -> str:
        """Its address below its subject, such as /projects/NCP/files/…/."""
        return reverse(subject.FILE_URL, args=[subject.code, self.key])
