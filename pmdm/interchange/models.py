"""A file between its upload and its import: kept with the mapping that was chosen, for a day."""

import datetime
import zlib

from django.conf import settings
from django.db import models
from django.utils import timezone

NAME_LENGTH = 200


class UploadQuerySet(models.QuerySet):
    def of(self, kind, subject, user):
        """This person's waiting uploads of a kind for one subject."""
        return self.filter(
            kind=kind,
            subject_type=subject._meta.model_name,
            subject_id=subject.pk,
            user=user,
            uploaded_at__gt=timezone.now() - Upload.KEPT,
        )


class Upload(models.Model):
    """A table somebody wants to import; ``options`` hold the mapping. Others never see it."""

    KEPT = datetime.timedelta(days=1)

    kind = models.CharField(max_length=40)  # 'issues'
    subject_type = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH)
    content = models.BinaryField()
    options = models.JSONField(default=dict)
    uploaded_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["uploaded_at"], name="upload_age")]

    def __str__(self):
        return self.name

    @classmethod
    def keep(cls, kind: str, subject, user, file) -> "Upload":
        """Store an uploaded file under a clean name."""
        name = str(file.name).replace("\\", "/").rsplit("/", 1)[-1]
        return cls.objects.create(
            kind=kind,
            subject_type=subject._meta.model_name,
            subject_id=subject.pk,
            user=user,
            name="".join(sign for sign in name if sign.isprintable())[:NAME_LENGTH] or "table",
            content=zlib.compress(file.read(), 6),
        )

    @property
    def data(self) -> bytes:
        """The file as it was uploaded."""
        return zlib.decompress(bytes(self.content))
