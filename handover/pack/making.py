"""Making the pack of a handover: collect, set the PDF, pack, keep. As work with progress."""

import datetime
import io
from types import SimpleNamespace

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from handover.pack.archive import archive, sha256, sums
from handover.pack.collecting import collect
from handover.pack.models import Pack
from handover.pack.paper import paper
from handover.transfer.models import Handover
from pmdm.accounts.models import User
from pmdm.accounts.roles import Permission
from pmdm.files.models import File
from pmdm.jobs import work
from projects.lifecycle.papers import pdf

KIND = "handover.pack"


def ask(handover: Handover, *, by) -> work.Work:
    """Start the work; its page shows the progress and leads to the pack."""
    title = _("Handover pack of %(handover)s") % {"handover": handover}
    return work.start(KIND, title, {"handover": handover.pk, "by": by.pk}, by=by, result_url=url_of(handover))


def url_of(handover: Handover) -> str:
    return reverse("handover:pack", args=[handover.project.code, handover.number])


def files_of(handover: Handover, report=lambda percent, step: None) -> dict[str, bytes]:
    """Everything in the pack by its name, without the list of hashes."""
    report(10, _("Collecting"))
    collected = collect(handover)
    report(50, _("Setting the document"))
    name = stem(handover)
    # The document names the hashes of all other files; its own stands in the list beside it.
    files = dict(collected.files)
    files["handover.pdf"] = pdf(paper(handover, collected, files, name))
    files["README.txt"] = readme(handover, name).encode()
    return files


def stem(handover: Handover) -> str:
    """NCP-HO-1: the name of the pack without its ending."""
    return f"{handover.project.code}-{handover.ref}"


def readme(handover: Handover, name: str) -> str:
    """How to check the pack, in plain words and commands."""
    return "\n".join(
        [
            f"{_('Handover pack')} {name}",
            "",
            _("To check that nothing was changed, without any network, in the folder of the unpacked files:"),
            "",
            "    sha256sum -c SHA256SUMS",
            "",
            _("To check the archive as a whole, beside the .sha256 file that comes with it:"),
            "",
            f"    sha256sum -c {name}.zip.sha256",
            "",
            _("To check what was signed: this prints the hash that stands beside each signature in signatures.csv:"),
            "",
            "    sha256sum signed-content.json",
            "",
        ]
    )


@transaction.atomic
def make(handover: Handover, *, by, report=lambda percent, step: None, at: datetime.datetime | None = None) -> Pack:
    """Make and keep the pack; the latest one again where nothing has changed since."""
    locked = Handover.objects.select_for_update(of=("self",)).select_related("project", "giver", "receiver", "product")
    current = locked.get(pk=handover.pk)
    at = at or timezone.now()
    files = files_of(current, report)
    report(80, _("Packing"))
    packed = archive(files)
    latest = Pack.objects.filter(handover=current).select_related("zip", "pdf").first()
    if latest and latest.sha256 == sha256(packed):
        return latest
    report(90, _("Keeping"))

    def keep(name: str, data: bytes) -> File:
        upload = SimpleNamespace(name=name, read=io.BytesIO(data).read)
        return File.keep(current.project, upload, by=by, permission=Permission.HANDOVER_VIEW, at=at)

    name = stem(current)
    return Pack.objects.create(
        project_id=current.project_id,
        handover=current,
        number=latest.number + 1 if latest else 1,
        made_at=at,
        made_by=by,
        zip=keep(f"{name}.zip", packed),
        pdf=keep(f"{name}.pdf", files["handover.pdf"]),
        sums_sha256=sha256(sums(files)),
        files=[[file, len(files[file]), sha256(files[file])] for file in sorted(files)],
    )


@work.does(KIND)
def _work(report, payload: dict) -> dict:
    handover = Handover.objects.select_related("project").get(pk=payload["handover"])
    asked_by = User.objects.filter(pk=payload.get("by") or 0).first()
    pack = make(handover, by=asked_by, report=report)
    return {"text": _("%(n)s files, SHA-256 %(hash)s") % {"n": len(pack.files) + 1, "hash": pack.sha256}}
