"""The document of the pack: the charter, then every table."""

from django.utils.translation import gettext as _

from handover.pack.archive import sha256
from handover.pack.collecting import Collected
from handover.transfer.models import Handover
from pmdm.ui import format as fmt
from projects.lifecycle.papers import Paper, Section


def paper(handover: Handover, collected: Collected, files: dict[str, bytes], name: str) -> Paper:
    """Everything in one document. It names no time of making: the same content gives the same bytes."""
    project = handover.project
    facts = [
        (_("Project"), f"{project.name} ({project.code})"),
        (_("From"), str(handover.giver)),
        (_("To"), str(handover.receiver or "–")),
        (_("Product"), str(handover.product) if handover.product else handover.product_name),
        (_("State"), str(handover.get_state_display())),
        (_("Accepted"), handover.accepted_at.strftime("%Y-%m-%d %H:%M UTC") if handover.accepted_at else "–"),
        (_("Live since"), handover.go_live.isoformat() if handover.go_live else "–"),
    ]
    sections = [
        Section(_("Charter"), text=_charter(project)),
        Section(_("What is handed over"), text=handover.scope or "–"),
        *(table.section() for table in collected.tables),
        Section(
            _("Files of this pack"),
            head=[_("File"), _("Size"), "SHA-256"],
            rows=[[file, fmt.file_size(len(files[file])), sha256(files[file])] for file in sorted(files)],
        ),
        Section(
            _("How to check this pack"),
            text="\n".join(
                [
                    _("Without any network, in the folder of the unpacked files:"),
                    "sha256sum -c SHA256SUMS",
                    _("The archive as a whole, beside the file that comes with it:"),
                    f"sha256sum -c {name}.zip.sha256",
                    _("What was signed; it prints the hash that stands beside each signature:"),
                    "sha256sum signed-content.json",
                ]
            ),
        ),
    ]
    return Paper(_("Handover pack"), f"{handover.ref} {project.name}", name, facts, sections)


def _charter(project) -> str:
    lines = [project.goal or "–"]
    lines += [
        f"{objective.statement}: {objective.measure}, {objective.baseline_value} → {objective.target_value}"
        f" {objective.unit}".rstrip()
        for objective in project.objectives.order_by("number")
    ]
    return "\n".join(lines)
