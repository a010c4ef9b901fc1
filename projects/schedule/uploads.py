"""An uploaded plan between its dry run and its confirmation."""

import hashlib
import secrets
import zlib
from pathlib import PurePosixPath

from django.utils import timezone

from pmdm.jobs.periodic import periodic
from projects.schedule.models import PlanUpload

TOKEN_BYTES = 24  # 192 bits


def keep(project, user, file) -> tuple[PlanUpload, str]:
    """Store an upload; the token is told once and kept only as its hash."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    name = PurePosixPath(str(file.name).replace("\\", "/")).name
    name = "".join(letter for letter in name if letter.isprintable())[:200] or "plan"
    upload = PlanUpload.objects.create(
        project=project,
        user=user,
        token_hash=_hash(token),
        file_name=name,
        content=zlib.compress(file.read(), 6),
    )
    return upload, token


def find(project, user, token: str) -> PlanUpload | None:
    """The upload of this token, if it is this person's, for this project, and not expired."""
    return PlanUpload.objects.filter(
        project=project, user=user, token_hash=_hash(token), uploaded_at__gt=timezone.now() - PlanUpload.KEPT
    ).first()


def content(upload: PlanUpload) -> bytes:
    return zlib.decompress(bytes(upload.content))


@periodic("forget-plan-uploads", every="hour")
def forget_old(now) -> None:
    """Uploads that nobody confirmed go after two hours."""
    PlanUpload.objects.filter(uploaded_at__lte=now - PlanUpload.KEPT).delete()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
