"""What operations must have in hand: tables and files of one handover. Costs stay out: not every reader sees them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from delivery.issues.models import ServiceLevel, Severity
from handover.knowledge import matrix
from handover.pack.archive import sha256
from handover.signoff.standing import standings
from handover.signoff.text import signed_text
from handover.transfer.models import Handover
from pmdm.accounts.roles import Permission
from pmdm.files.kinds import clean_name
from pmdm.interchange.tabular import write_csv
from projects.lifecycle.papers import Section

# Whoever may read a handover holds these; other attached files stay out.
READABLE = (Permission.PROJECT_VIEW, Permission.SCOPE_VIEW, Permission.HANDOVER_VIEW)


@dataclass
class Table:
    """One table: a file of the pack and a section of its document."""

    name: str
    title: str
    head: list[str]
    rows: list[list[str]]

    def csv(self) -> bytes:
        return ("\ufeff" + write_csv(self.head, self.rows)).encode()

    def section(self) -> Section:
        text = "" if self.rows else _("None.")
        return Section(self.title, text=text, head=self.head if self.rows else (), rows=self.rows)


@dataclass
class Collected:
    tables: list[Table] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    def add(self, name: str, title: str, head: list[str], rows: Sequence[Sequence[object]]) -> None:
        table = Table(name, title, head, [["" if cell is None else str(cell) for cell in row] for row in rows])
        self.tables.append(table)
        self.files[f"{name}.csv"] = table.csv()

    def attach(self, folder: str, file) -> str:
        """Put an attached file into a folder of the pack; its name there."""
        name = f"{folder}/{clean_name(file.name)}"
        data = bytes(file.content.data)
        if name in self.files and self.files[name] != data:
            name = f"{folder}/{sha256(data)[:8]}-{clean_name(file.name)}"
        self.files[name] = data
        return name


def collect(handover: Handover) -> Collected:
    """All tables and files, in the order in which they are read."""
    found = Collected()
    for part in PARTS:
        part(handover, found)
    found.files["signed-content.json"] = signed_text(handover)
    return found


def _requirements(handover: Handover, found: Collected) -> None:
    rows = []
    wanted = handover.project.requirements.exclude(state="rejected").order_by("number")
    for requirement in wanted.prefetch_related("criteria__file__content"):
        lines = list(requirement.criteria.all())
        for line in lines:
            file = line.file
            attached = ""
            if file and file.permission in READABLE:
                attached = found.attach(f"evidence/{requirement.ref}", file)
            result = line.get_result_display() if line.result else ""
            rows.append(
                [requirement.ref, requirement.title, requirement.get_state_display(), line.text, result, line.evidence,
                 attached]
            )  # fmt: skip
        if not lines:
            rows.append([requirement.ref, requirement.title, requirement.get_state_display(), "", "", "", ""])
    head = [_("Number"), _("Requirement"), _("State"), _("Criterion"), _("Result"), _("Evidence"), _("File")]
    found.add("requirements", _("Requirements and evidence"), head, rows)


def _criteria(handover: Handover, found: Collected) -> None:
    """What operations asked for, and what shows that it is there."""
    rows = []
    for line in handover.criteria.select_related("file__content", "owner", "verified_by").order_by("position", "pk"):
        attached = found.attach(f"evidence/criteria/{line.pk}", line.file) if line.file else ""
        waived = f"{line.waiver_expires}: {line.waiver_reason}" if line.state == "waived" else ""
        rows.append(
            [line.get_category_display(), line.text, line.get_state_display(), line.evidence, attached,
             str(line.verified_by or ""), waived]
        )  # fmt: skip
    head = [_("Category"), _("Criterion"), _("State"), _("Evidence"), _("File"), _("Verified by"), _("Waived until")]
    found.add("criteria", _("Acceptance criteria"), head, rows)


def _conditions(handover: Handover, found: Collected) -> None:
    rows = [[row.text, row.owner.name, row.due] for row in handover.conditions.select_related("owner").order_by("pk")]
    found.add("conditions", _("Conditions of the acceptance"), [_("Condition"), _("Owner"), _("Due")], rows)


def _items(handover: Handover):
    related = ("risk", "issue", "requirement", "task", "order", "new_owner", "became_gap", "became_risk")
    return list(handover.open_items.select_related(*related).order_by("kind", "pk"))


def _name(item) -> str:
    """A supplier is for who sees cost."""
    return item.order.ref if item.kind == "order" else str(item)


def _open_items(handover: Handover, found: Collected) -> None:
    rows = [
        [
            item.get_kind_display(),
            _name(item),
            item.get_decision_display() if item.decision else "",
            item.reason,
            str(item.new_owner or ""),
        ]
        for item in _items(handover)
    ]
    head = [_("Kind"), _("Item"), _("Decision"), _("Reason"), _("New owner")]
    found.add("open-items", _("Open items and what is decided"), head, rows)


def _risks(handover: Handover, found: Collected) -> None:
    rows = [
        [item.risk.ref, item.risk.title, item.risk.score, item.risk.get_response_display(), item.risk.response_plan,
         item.control, item.control_test_on]
        for item in _items(handover)
        if item.risk and item.decision != "close"
    ]  # fmt: skip
    head = [_("Number"), _("Risk"), _("Score"), _("Response"), _("Plan"), _("Control"), _("Next test")]
    found.add("open-risks", _("Open risks"), head, rows)


def _known_errors(handover: Handover, found: Collected) -> None:
    rows = [
        [_name(item), item.reason, item.workaround, str(item.became_gap or "")]
        for item in _items(handover)
        if item.decision == "known_gap"
    ]
    head = [_("What"), _("Why it is accepted"), _("Workaround"), _("In operations")]
    found.add("known-errors", _("Known errors"), head, rows)


def _documents(handover: Handover, found: Collected) -> None:
    """Runbooks, configuration, licences and the rest: a table for each kind that there is, and the files."""
    rows: dict[str, list[list[object]]] = {
        "runbook": [],
        "configuration": [],
        "licence": [],
        "contact": [],
        "other": [],
    }
    for row in handover.materials.select_related("file__content").order_by("kind", "title", "pk"):
        attached = found.attach(f"documents/{row.kind}", row.file) if row.file else ""
        kind = row.kind if row.kind in rows else "other"
        rows[kind].append([row.get_kind_display(), row.title, row.link, row.note, attached])
    for kind, lines in _of_product(handover).items():
        rows[kind] += lines
    head = [_("Kind"), _("Title"), _("Link"), _("Note"), _("File")]
    titles = {
        "runbook": _("Runbooks"),
        "configuration": _("Configuration"),
        "licence": _("Licences"),
        "contact": _("Contacts outside"),
        "other": _("Other documents"),
    }
    names = {"runbook": "runbooks", "licence": "licences", "contact": "contacts", "other": "documents"}
    for kind, lines in rows.items():
        found.add(names.get(kind, kind), titles[kind], head, lines)


def _of_product(handover: Handover) -> dict[str, list[list[object]]]:
    """What the product has on record since: environments, runbooks, licences, contacts; nothing of what they cost."""
    product = handover.product
    if product is None:
        return {}
    places = product.environments.running().with_version()
    running = product.agreements.running()
    return {
        "configuration": [
            [_("Environment"), row.name, row.address, row.version_name or "", ""]
            for row in places.order_by("name", "pk")
        ],
        "runbook": [
            [_("Runbook"), row.title, "", "\n".join(f"{step}" for step in row.latest.steps.all()), ""]
            # What came with this handover is in its own documents above.
            for row in product.runbooks.exclude(arrival__handover=handover)
        ],
        "licence": [
            [
                row.get_kind_display(),
                row.title,
                "",
                f"{row.reference} {row.starts_on} – {row.ends_on or ''}".strip(),
                "",
            ]
            for row in running.filter(kind="licence").order_by("title", "pk")
        ],
        "contact": [
            [row.get_kind_display(), str(row), "", row.contact, ""]
            for row in running.exclude(contact="").order_by("title", "pk")
        ],
    }


def _people(handover: Handover, found: Collected) -> None:
    rows = [
        [membership.user.name, membership.get_role_display(), membership.user.email]
        for membership in handover.project.memberships.select_related("user").order_by("role", "user__name", "pk")
    ]
    found.add("people", _("People of the project"), [_("Name"), _("Role"), _("E-mail")], rows)


def _service_levels(handover: Handover, found: Collected) -> None:
    if handover.product:
        levels = {row.severity: (row.response, row.resolution) for row in handover.product.service_levels.all()}
    else:
        levels = ServiceLevel.DEFAULTS
    rows = [[Severity(severity).label, *levels[severity]] for severity in sorted(levels)]
    head = [_("Severity"), _("Response in minutes"), _("Resolution in minutes")]
    found.add("service-levels", _("Service levels"), head, rows)


def _knowledge(handover: Handover, found: Collected) -> None:
    table = matrix.of_handover(handover)
    rows = [
        [
            row.topic.title,
            _("yes") if row.topic.is_critical else _("no"),
            row.topic.needed,
            ", ".join(person.name for person in table.people if person.pk in row.cover.people),
            _("covered") if row.cover.is_covered else _("not covered"),
        ]
        for row in table.rows
    ]
    head = [_("Topic"), _("Critical"), _("People needed"), _("Proven by"), _("State")]
    found.add("knowledge", _("Knowledge transfer"), head, rows)


def _cutover(handover: Handover, found: Collected) -> None:
    rows = [
        [step.get_kind_display(), step.title, step.owner.name,
         step.planned_start.isoformat() if step.planned_start else "", step.minutes, step.rollback_trigger]
        for step in handover.cutover_steps.select_related("owner")
    ]  # fmt: skip
    head = [_("Kind"), _("Step"), _("Owner"), _("Start"), _("Minutes"), _("Roll back if")]
    found.add("cutover", _("Cutover plan"), head, rows)
    log = [
        [run.ref, run.get_kind_display(), entry.at.isoformat(), entry.step.title if entry.step else "",
         entry.get_event_display(), entry.by.name, entry.note]
        for run in handover.cutover_runs.order_by("number").prefetch_related("entries__step", "entries__by")
        for entry in run.entries.all()
    ]  # fmt: skip
    head = [_("Run"), _("Kind"), _("When"), _("Step"), _("Event"), _("By"), _("Note")]
    found.add("cutover-log", _("Log of the cutover"), head, log)


def _signatures(handover: Handover, found: Collected) -> None:
    rows: list[list[object]] = [
        [row.user.name, row.get_side_display(), row.signed_at.isoformat(), row.content_hash,
         _("void") if row.voided_at else _("holds")]
        for row in handover.signatures.select_related("user").order_by("signed_at", "pk")
    ]  # fmt: skip
    for row in standings(handover):
        if row.signature:
            state = _("holds") if row.is_valid else _("void")
            words = [row.signature.user.name, row.signer.capacity, row.signature.signed_at.isoformat()]
            rows.append([*words, row.signature.content_hash, state])
        else:
            rows.append([row.signer.user.name, row.signer.capacity, "", "", _("missing")])
    head = [_("Name"), _("As"), _("When"), _("SHA-256 of what was signed"), _("State")]
    found.add("signatures", _("Signatures"), head, rows)


PARTS = (
    _requirements,
    _criteria,
    _conditions,
    _open_items,
    _risks,
    _known_errors,
    _documents,
    _people,
    _service_levels,
    _knowledge,
    _cutover,
    _signatures,
)
