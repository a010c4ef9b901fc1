"""One world with something of everything, for tests that walk all pages: two subjects, all roles, canaries.

A canary is a text or amount that only holders of a permission may find in any answer.
"""

import datetime
import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from delivery.articles.models import Article
from delivery.models import (
    AlertSource,
    BulkEdit,
    Complaint,
    DepartmentRequest,
    InboundMail,
    Incident,
    IncidentReview,
    Invitation,
    IssueNote,
    KnownGap,
    Mailbox,
    MajorIncident,
    Membership,
    ReviewAction,
    RiskIncident,
    Roadblock,
    Survey,
)
from delivery.products.decommission.models import Decommission
from delivery.runbooks.models import Runbook
from handover.models import (
    Announcement,
    CutoverRun,
    CutoverStep,
    Handover,
    Hypercare,
    Learner,
    Material,
    Pack,
    Signer,
    Topic,
)
from handover.transfer import actions
from pmdm.accounts.models import Department, Skill
from pmdm.accounts.roles import (
    PRODUCT_PERMISSIONS,
    PRODUCT_ROLES,
    PROJECT_PERMISSIONS,
    PROJECT_ROLES,
    SITE_PERMISSIONS,
    Permission,
    Role,
)
from pmdm.files.models import File
from pmdm.jobs.models import Heartbeat, Outbox, Work
from pmdm.ui import format as fmt
from projects.changes.impact import compute
from projects.currencies.rates import exchanged
from projects.models import ExchangeRate, InitiationRequest, ProjectType
from projects.types import shipped
from tests import factories

P = Permission

AMOUNTS = {
    "approved_budget": Decimal("987654.32"),
    "planned": Decimal("876543.21"),
    "remaining": Decimal("765432.19"),
    "expense": Decimal("654321.98"),
    "task_cost": Decimal("543219.87"),
    "exposure": Decimal("432198.76"),
    "time_cost": Decimal("321987.65"),
    "budget_month": Decimal("219876.54"),
    "order": Decimal("198765.43"),
    "accrual": Decimal("143219.87"),
    "in_dollars": Decimal("132198.76"),
    "reserve": Decimal("187654.31"),
    "draw": Decimal("176543.19"),
    "change": Decimal("165431.98"),
    "change_cost": Decimal("154319.87"),
    "budget_baseline": Decimal("143198.76"),
    "rate": Decimal("9321.97"),
    "resource_rate": Decimal("8219.83"),
    "agreement": Decimal("121987.65"),
}


def spellings(amount: Decimal) -> list[str]:
    """The ways an amount may appear on a page."""
    whole, short = f"{amount:,.0f}", fmt.short_number(amount)
    return [f"{amount:,.2f}", f"{amount:.2f}", whole, whole.replace(",", ""), f"€{short}", f"EUR {short}"]


@dataclass
class Person:
    """Who asks: a user, and what they hold on the project and on the product of the world."""

    name: str
    user: object
    project: frozenset[Permission] | None = None  # None: a stranger there
    product: frozenset[Permission] | None = None
    site: frozenset[Permission] = frozenset()

    @property
    def is_anonymous(self) -> bool:
        return self.user is None

    def __str__(self):
        return self.name


@dataclass
class World:
    project: object
    product: object
    people: list[Person]
    things: SimpleNamespace
    # text -> what its reader must hold: (subject, permission)
    canaries: dict[str, tuple[str, Permission]] = field(default_factory=dict)

    def forbidden_to(self, person: Person) -> list[str]:
        """Texts that must not be in any answer to this person."""
        return [
            text
            for text, (subject, permission) in self.canaries.items()
            if permission not in (getattr(person, subject) or ())
        ]


@transaction.atomic  # sums over rows are checked when it ends
def build() -> World:
    now = timezone.now()
    client = factories.make_organisation("Northwind Client")
    other_client = factories.make_organisation("Rival Client")
    manager = factories.make_user("Alice Manager")
    sponsor, delivery = factories.make_user("Sam Sponsor"), factories.make_user("Dora Delivery")
    project = factories.make_project(
        manager,
        code="WORLD",
        name="World project",
        client=client,
        sponsor=sponsor,
        delivery_manager=delivery,
        approved_budget=AMOUNTS["approved_budget"],
        goal="A goal for all",
    )
    product = factories.make_product(code="PLANET", name="Planet product")
    product.clients.add(client)
    things = SimpleNamespace(now=now, client=client)
    _fill_project(project, things, manager)
    things.published_lesson = factories.make_lesson(factories.make_project(code="TAUGHT"), title="A lesson for all")
    things.published_lesson.publish(by=manager)
    _fill_product(product, things, client, other_client, manager)
    people = _people(project, product, client, {"manager": manager, "sponsor": sponsor, "delivery_manager": delivery})
    things.person = manager
    things.outbox = Outbox.objects.create(kind="nothing", key="world", failed_at=now, error="Traceback: OUTBOXERROR")
    Heartbeat.objects.create(name="beat", at=now)
    things.department = Department.objects.create(name="Research")
    things.skill = Skill.objects.create(name="Masonry")
    # A colleague of all who work on the project: they see the absence, its kind and note only who manages people.
    things.absent = factories.make_user("Absent Colleague")
    factories.join(project, things.absent, Role.STAKEHOLDER)
    things.absent.skills.create(skill=things.skill)
    day = timezone.localdate()
    things.absence = things.absent.absences.create(first=day, last=day, kind="sick", note="canary-absence")
    things.hours = things.absent.working_hours.create(valid_from=day, percent=80)
    things.absent.rates.create(valid_from=datetime.date(2020, 1, 1), hourly=AMOUNTS["rate"])
    things.request = InitiationRequest.objects.create(
        asked_by=manager, name="A new idea", reason="-", goal="-", results="-", objective="-", measure="-",
        target_value=1, target_start=day, target_finish=day, budget=1, sponsor=sponsor,
    )  # fmt: skip
    things.request.submit(by=manager)
    things.work = Work.objects.create(kind="nothing", title="Import", asked_by=manager)
    shipped.install(by=manager)
    ProjectType.objects.get(slug="software").start_draft(by=manager)
    world = World(project, product, people, things)
    for name, amount in AMOUNTS.items():
        subject = "product" if name == "agreement" else "project"
        world.canaries |= dict.fromkeys(spellings(amount), (subject, P.COST_VIEW))
    # The expected cost of the register: one risk of probability 3.
    world.canaries |= dict.fromkeys(spellings(AMOUNTS["exposure"] / 2), ("project", P.COST_VIEW))
    world.canaries |= {
        "canary-budget-line": ("project", P.COST_VIEW),
        "canary-expense": ("project", P.COST_VIEW),
        "canary-supplier": ("project", P.COST_VIEW),
        "canary-draw": ("project", P.COST_VIEW),
        "canary-change-line": ("project", P.COST_VIEW),
        "canary-accrual": ("project", P.COST_VIEW),
        "canary-receipt": ("project", P.COST_VIEW),
        "canary-runbook": ("product", P.INTERNAL_VIEW),
        "canary-project-risk": ("project", P.RISK_VIEW),
        "canary-benefit": ("project", P.BENEFIT_VIEW),
        "canary-lesson": ("project", P.LESSON_VIEW),
        "canary-project-issue": ("project", P.RISK_VIEW),
        "canary-status-update": ("project", P.PROJECT_ACTIVITY_VIEW),
        "canary-criterion-comment": ("project", P.HANDOVER_VIEW),
        "canary-return-reason": ("project", P.HANDOVER_VIEW),
        "canary-remark": ("project", P.HANDOVER_VIEW),
        "canary-condition": ("project", P.HANDOVER_VIEW),
        "canary-internal-note": ("product", P.INTERNAL_VIEW),
        "canary-other-clients-issue": ("product", P.INTERNAL_VIEW),
        "canary-root-cause": ("product", P.INTERNAL_VIEW),
        "canary-complaint-reasoning": ("product", P.INTERNAL_VIEW),
        "canary-import.csv": ("product", P.INTERNAL_VIEW),
        "canary-department-request": ("product", P.INTERNAL_VIEW),
        "canary-roadblock": ("product", P.INTERNAL_VIEW),
        "canary-incident-title": ("product", P.INTERNAL_VIEW),
        "canary-incident-note": ("product", P.INTERNAL_VIEW),
        "canary-review-action": ("product", P.INTERNAL_VIEW),
        "canary-product-risk": ("product", P.PRODUCT_RISK_VIEW),
        **dict.fromkeys(
            (
                "canary-internal-release",
                "canary-way-back",
                "canary-planned-release",
                "canary-release-item",
                "canary-release-check",
                "canary-freeze",
            ),
            ("product", P.INTERNAL_VIEW),
        ),
        "canary-environment": ("product", P.INTERNAL_VIEW),
        "canary-article": ("product", P.INTERNAL_VIEW),
        "canary-book": ("product", P.INTERNAL_VIEW),
        "canary-deployment": ("product", P.INTERNAL_VIEW),
        "canary-component": ("product", P.INTERNAL_VIEW),
        "canary-agreement": ("product", P.INTERNAL_VIEW),
        "canary-decommission": ("product", P.INTERNAL_VIEW),
        "canary-survey-comment": ("product", P.SURVEY_VIEW),
        "canary-alert-source": ("product", P.PERFORMANCE_VIEW),
        "canary-alert-body": ("product", P.PERFORMANCE_VIEW),
        "canary-problem": ("product", P.INTERNAL_VIEW),
        "canary-answer": ("product", P.ISSUE_WORK),
        "canary-checklist": ("product", P.ISSUE_WORK),
        "canary-issue-team": ("product", P.INTERNAL_VIEW),
        "canary-raw-mail": ("product", P.INTERNAL_VIEW),
        "canary-rival-announcement": ("product", P.INTERNAL_VIEW),
        "canary-staff-announcement": ("product", P.INTERNAL_VIEW),
        "canary-strangers-mail": ("product", P.INTERNAL_VIEW),
        "canary-mail-file": ("product", P.INTERNAL_VIEW),
        "canary@rival.example": ("product", P.INTERNAL_VIEW),
        "canary-rival-file": ("product", P.INTERNAL_VIEW),
        "canary-saved-view": ("product", P.INTERNAL_VIEW),
        "canary-absence": ("site", P.SITE_PEOPLE),
        "OUTBOXERROR": ("site", P.SITE_JOBS),
    }
    return world


def _fill_project(project, things, manager):
    things.phase = project.phases.first()
    things.checklist_line = things.phase.checklist.first()
    cancelled = project.state_changes.create(from_state="active", to_state="cancelled", reason="x", by=manager)
    things.salvage = project.salvage.create(
        cancellation=cancelled, what="A pump", goes_to="The yard", taker=manager, created_by=manager
    )
    things.objective = project.objectives.create(statement="Faster", measure="Minutes", target_value=5)
    things.benefit = factories.make_benefit(things.objective, source="canary-benefit")
    things.review = things.benefit.reviews.create(project=project, due=datetime.date(2040, 1, 2))
    things.requirement = factories.make_requirement(project, title="Shows everything")
    factories.make_version(things.requirement, author=manager, approved_by=manager)
    things.criterion = things.requirement.criteria.create(project=project, text="Is shown")
    things.deliverable = project.deliverables.create(title="A deliverable")
    things.delivery_of_deliverables = project.deliveries.create(title="A delivery")
    things.case = project.test_cases.create(title="A test case")
    things.trace = things.case.trace_links.create(project=project, requirement=things.requirement)
    things.session = project.test_sessions.create(title="A session")
    things.session.runs.create(project=project, case=things.case)
    things.risk = factories.make_risk(project, title="canary-project-risk", exposure=AMOUNTS["exposure"])
    things.issue = factories.make_issue(project, title="canary-project-issue")
    things.lesson = factories.make_lesson(project, title="canary-lesson")
    nine = things.now.replace(hour=9, minute=0, second=0, microsecond=0)
    things.task = project.tasks.create(
        uid=1, number=1, name="World task", start=nine, finish=nine, cost=AMOUNTS["task_cost"]
    )
    things.task2 = project.tasks.create(uid=2, number=2, name="Next task", start=nine, finish=nine)
    things.link = project.links.create(predecessor=things.task, successor=things.task2)
    things.resource = project.resources.create(uid=1, name="A resource", hourly_rate=AMOUNTS["resource_rate"])
    things.baseline = project.baselines.create(number=0, start=nine, finish=nine, taken_by=manager)
    things.simulation = factories.make_simulation(project, at=nine)
    things.line = project.budget_lines.create(
        name="canary-budget-line", category="services", planned=AMOUNTS["planned"], remaining=AMOUNTS["remaining"]
    )
    phased = project.budget_lines.create(
        name="canary-budget-line", category="other", planned=AMOUNTS["budget_month"], task=things.task, spread="months"
    )
    phased.months.create(project=project, month=datetime.date(2026, 1, 1), amount=AMOUNTS["budget_month"])
    things.expense = project.expenses.create(
        line=things.line, amount=AMOUNTS["expense"], description="canary-expense", booked_by=manager
    )
    things.order = project.orders.create(
        line=phased, supplier="canary-supplier", description="x", amount=AMOUNTS["order"], placed_by=manager
    )
    things.accrual = project.accruals.create(
        line=phased, order=things.order, amount=AMOUNTS["accrual"], description="canary-accrual", booked_by=manager
    )
    things.rate = ExchangeRate.objects.create(
        base="EUR", currency="USD", day=datetime.date(2020, 1, 1), rate=Decimal("0.5"), source="ECB"
    )
    project.expenses.create(
        line=things.line, **exchanged(project, AMOUNTS["in_dollars"], "USD", things.now.date()),
        description="canary-expense", booked_by=manager,
    )  # fmt: skip
    reserve = project.allowances.create(kind="reserve", amount=AMOUNTS["reserve"])
    things.draw = project.draws.create(
        allowance=reserve, line=phased, amount=AMOUNTS["draw"], reason="canary-draw", requested_by=manager
    )
    things.change = project.change_requests.create(
        title="A change", reason="Because", requester=manager, created_by=manager
    )
    things.change.project = project
    things.change.submit(by=manager)
    things.change.assess(by=manager)
    things.change_money = things.change.money.create(
        project=project, name="canary-change-line", category="other", delta=AMOUNTS["change"]
    )
    things.change.edits.create(
        project=project, kind="add", name="A task", cost=AMOUNTS["change_cost"],
        ops=[{"op": "add", "ref": "n", "fields": {"name": "A task", "duration": "1d"}}],
    )  # fmt: skip
    compute(things.change, by=manager)
    frozen = project.budget_baselines.create(
        number=1, approved=AMOUNTS["budget_baseline"], contingency=0, reserve=0, frozen_by=manager
    )
    frozen.lines.create(number=1, name="canary-change-line", category="other", planned=AMOUNTS["budget_baseline"])
    things.project_file = File.keep(
        project, SimpleUploadedFile("receipt.txt", b"canary-receipt"), by=manager, permission=P.COST_VIEW
    )
    things.entry = project.time_entries.create(user=manager, minutes=60, note="Work", cost=AMOUNTS["time_cost"])
    manager.rates.create(valid_from=datetime.date(2020, 1, 1), hourly=AMOUNTS["rate"])
    project.status_updates.create(text="canary-status-update", overall="ok", by=manager)
    things.recurrence = project.recurrences.create(name="Comes back", start=things.now.date(), created_by=manager)
    things.sprint = project.sprints.create(
        name="First sprint", goal="Something works", start=things.now.date(), finish=things.now.date()
    )
    things.feed = manager.calendar_feeds.create(token_hash="1" * 64, project=project)
    things.handover = actions.start(project, by=manager)
    things.handover_line = things.handover.criteria.first()
    things.handover_line.comments.create(project=project, text="canary-criterion-comment", by=manager)
    things.open_item = things.handover.open_items.first()
    things.handover_round = things.handover.rounds.create(
        project=project, number=1, submitted_at=things.now, submitted_by=manager, content={}, content_hash="0" * 64,
        outcome="returned", decided_at=things.now, decided_by=manager, reason="canary-return-reason",
    )  # fmt: skip
    things.handover_remark = things.handover.remarks.create(
        project=project, round=things.handover_round, line="The whole", text="canary-remark", by=manager,
        sent_at=things.now,
    )  # fmt: skip
    things.handover_condition = things.handover.conditions.create(
        project=project, text="canary-condition", owner=manager, due=things.now.date()
    )
    things.scope_line = things.handover.scope_lines.create(project=project, requirement=things.requirement)
    things.library_criterion = things.handover_line.source
    _fill_handover(project, things, manager)


def _fill_handover(project, things, manager):
    common = {"project": project, "handover": things.handover}
    things.topic = Topic.objects.create(title="A topic", **common)
    things.learner = Learner.objects.create(user=factories.make_user("Lea Learner"), **common)
    things.material = Material.objects.create(title="A runbook", note="Read it", added_by=manager, **common)
    signer = factories.make_user("Sid Signer")
    factories.join(project, signer, Role.STAKEHOLDER)
    things.signer = Signer.objects.create(user=signer, capacity="Security", **common)
    things.cutover_step = CutoverStep.objects.create(
        title="A step of the cutover", owner=manager, planned_start=things.now, **common
    )
    packed = File.keep(project, SimpleUploadedFile("pack.zip", b"PK"), by=manager, permission=P.HANDOVER_VIEW)
    things.pack = Pack.objects.create(number=1, zip=packed, pdf=packed, sums_sha256="0" * 64, **common)
    things.cutover_run = CutoverRun.objects.create(started_at=things.now, started_by=manager, **common)


def _fill_product(product, things, client, other_client, manager):
    product.service_levels.create(severity=1, response=60, resolution=240)
    things.saved_view = product.saved_views.create(owner=manager, name="canary-saved-view", is_shared=True)
    things.bulk_edit = BulkEdit.objects.create(by=manager, field="severity", value="canary-bulk-edit")
    things.problem = product.problems.create(title="canary-problem", raised_by=manager)
    things.answer = product.answers.create(name="canary-answer", text="-")
    things.checklist = product.checklist_templates.create(name="canary-checklist", lines=["-"])
    things.issue_team = product.teams.create(name="canary-issue-team")
    things.step = product.escalation_steps.create(tells=["assignee"])
    things.product_issue = product.issues.create(
        title="Own issue", organisation=client, root_cause="canary-root-cause", severity=1
    )
    IssueNote.objects.create(
        product=product, issue=things.product_issue, text="canary-internal-note", is_internal=True, by=manager
    )
    things.other_issue = product.issues.create(title="canary-other-clients-issue", organisation=other_client)
    _fill_incidents(product, things, manager)
    things.issue_import = product.issue_imports.create(by=manager, name="canary-import.csv", rows=1)
    complaint = product.issues.create(title="A complaint", type="complaint", organisation=client)
    things.complaint = Complaint.open(complaint)
    things.complaint.acknowledge(by=manager, text="We have it")
    things.complaint.judge(by=manager, verdict="new_need", reasoning="canary-complaint-reasoning")
    things.promise = product.requirements.create(title="A promise")
    things.gap = KnownGap.objects.create(product=product, title="A known gap")
    things.product_file = File.keep(
        product, SimpleUploadedFile("runbook.txt", b"canary-runbook"), by=manager, permission=P.INTERNAL_VIEW
    )
    things.product_risk = product.risks.create(title="canary-product-risk", probability=3, impact=3)
    things.release = product.releases.create(
        name="1.0", state="released", released_on=things.now.date(), notes="Notes for all",
        internal_notes="canary-internal-release", rollback_note="canary-way-back",
    )  # fmt: skip
    product.releases.create(name="canary-planned-release")
    things.release_item = things.release.items.create(product=product, change="canary-release-item")
    things.release_check = things.release.checks.create(product=product, text="canary-release-check")
    things.freeze = product.freezes.create(
        name="canary-freeze", reason="x", starts_at=things.now, ends_at=things.now + datetime.timedelta(days=1),
        by=manager,
    )  # fmt: skip
    things.survey = Survey.objects.create(product=product, name="Spring")
    things.survey_token = "a-token-that-nobody-guesses-0123456789"
    things.invitation = Invitation.objects.create(
        product=product,
        survey=things.survey,
        email="someone@example.org",
        token_hash=hashlib.sha256(things.survey_token.encode()).hexdigest(),
        expires_at=things.now + datetime.timedelta(days=30),
    )
    things.survey.answers.create(product=product, satisfaction=4, comment="canary-survey-comment")
    things.source = AlertSource.objects.create(
        product=product, name="canary-alert-source", kind="alertmanager", token_hash="0" * 64
    )
    things.incident = Incident.objects.create(
        product=product, source=things.source, title="Down", started_at=things.now
    )
    things.delivery = things.source.deliveries.create(
        body='{"said": "canary-alert-body"}', body_hash="0" * 64, state="refused"
    )
    _fill_record(product, things, client, manager)
    things.risk_incident = RiskIncident.link(things.product_risk, things.incident, by=manager)
    sales = Department.objects.create(name="Sales")
    things.department_request = DepartmentRequest.ask(
        product, by=manager, department=sales, title="canary-department-request", due=things.now.date()
    )
    things.roadblock = Roadblock.raise_one(product, by=manager, title="canary-roadblock")
    _fill_mail(product, things, client, other_client, manager)
    _fill_portal(product, things, client, other_client, manager)
    _fill_origin(product, things, manager)


def _fill_incidents(product, things, manager):
    """One that all clients hear of, one on another client's issue alone; a private note and a review."""
    things.major_incident = MajorIncident.declare(
        product, by=manager, issue=things.product_issue, title="canary-incident-title", headline="Pages do not open",
        commander=manager, is_for_all=True,
    )  # fmt: skip
    MajorIncident.declare(
        product, by=manager, issue=things.other_issue, title="canary-other-clients-issue",
        headline="canary-other-clients-issue", commander=manager,
    )  # fmt: skip
    incident = things.major_incident
    things.incident_entry = incident.note(by=manager, text="canary-incident-note", is_public=False)
    incident.resolve(by=manager, text="It works again")
    review = IncidentReview.open(incident, by=manager)
    things.review_action = ReviewAction.agree(
        review, by=manager, text="canary-review-action", owner=manager, due=things.now.date()
    )
    incident.relapse(by=manager, text="It came back")


def _fill_record(product, things, client, manager):
    Article.write(product, by=manager, title="canary-article", text="x")
    things.article = Article.write(
        product, by=manager, title="For all", text="x", state="public", review_by=things.now.date()
    )
    things.runbook = Runbook.write(product, by=manager, title="canary-book", steps=[("A step", "x")])
    things.runbook_run = things.runbook.start(by=manager)
    things.environment = product.environments.create(name="canary-environment", organisation=client)
    things.environment.deploy(things.release, by=manager, note="canary-deployment")
    things.component = product.components.create(name="canary-component")
    things.dependency = things.component.depend_on(product.components.create(name="A database"), by=manager)
    things.agreement = product.agreements.create(
        title="canary-agreement", party="A supplier", starts_on=datetime.date(2020, 1, 1),
        value=AMOUNTS["agreement"], currency="EUR",
    )  # fmt: skip
    day = datetime.timedelta(days=1)
    things.turn = product.on_call_turns.create(person=manager, starts_at=things.now - day, ends_at=things.now + day)
    Decommission.begin(product, by=manager, reason="canary-decommission", planned_on=datetime.date(2040, 1, 1))


def _fill_portal(product, things, client, other_client, manager):
    """A person of the client, and what is told to the other one alone."""
    things.client_person = factories.make_user("Portal Person", organisation=client)
    Membership.objects.create(product=product, user=things.client_person, role=Role.CLIENT)
    told = {"product": product, "text": "x", "created_by": manager}
    things.announcement = Announcement.objects.create(title="To all", **told)
    Announcement.objects.create(title="canary-rival-announcement", organisation=other_client, **told)
    Announcement.objects.create(title="canary-staff-announcement", audience="staff", **told)


def _fill_mail(product, things, client, other_client, manager):
    """A stranger's mail that waits, and one of another client, filed with a file of its own."""
    Mailbox.objects.create(product=product, address="planet@support.example", name="Planet support")
    common = {"product": product, "raw": b"From: x@y.example\n\ncanary-raw-mail"}
    things.mail = InboundMail.objects.create(
        digest="1" * 64, state="quarantined", subject="canary-strangers-mail", sender="x@y.example", **common
    )
    # Of the issue of our own client, but on an internal note.
    note = things.product_issue.notes.get(is_internal=True)
    mail = InboundMail.objects.create(digest="2" * 64, state="filed", issue=things.product_issue, note=note, **common)
    upload = SimpleUploadedFile("mail.txt", b"canary-mail-file")
    things.mail_file = File.keep(product, upload, by=manager, permission=P.INTERNAL_VIEW)
    mail.attachments.create(name="mail.txt", file=things.mail_file)
    theirs = InboundMail.objects.create(
        digest="3" * 64, state="filed", issue=things.other_issue, sender="canary@rival.example", **common
    )
    theirs.attachments.create(name="canary-rival-file.txt", refused="x")


def _fill_origin(product, things, manager):
    """An earlier project handed this product over, with a topic."""
    earlier = factories.make_project(manager, code="EARLIER", name="Earlier project")
    record = Handover.objects.create(project=earlier, giver=manager, receiver=factories.make_user("Rae Receiver"))
    things.known_topic = Topic.objects.create(project=earlier, handover=record, title="A known topic")
    record.state, record.accepted_at, record.product = "accepted", things.now, product
    record.save()
    Hypercare.objects.create(
        project=earlier,
        handover=record,
        product=product,
        state="running",
        started_at=things.now - datetime.timedelta(days=1),
        until=things.now + datetime.timedelta(days=1),
    )


def _people(project, product, client, named) -> list[Person]:
    """Each role on each subject: held here, or held on another one only."""
    other_project = factories.make_project(code="ELSEWHERE", name="Other project")
    other_product = factories.make_product(code="MOON", name="Other product")
    other_project.memberships.all().delete()
    people = []
    for role in PROJECT_ROLES:
        organisation = client if role == Role.CLIENT else None
        user = named.get(role) or factories.make_user(f"{role.value.title()} Here", organisation=organisation)
        if role.value not in named:
            factories.join(project, user, role)
        people.append(Person(f"project {role}", user, project=PROJECT_PERMISSIONS[role]))
        stranger = factories.make_user(f"{role.value.title()} Elsewhere", organisation=organisation)
        factories.join(other_project, stranger, role)
        people.append(Person(f"project {role} elsewhere", stranger))
    for role in PRODUCT_ROLES:
        organisation = client if role == Role.CLIENT else None
        user = factories.make_user(f"Product {role.value}", organisation=organisation)
        Membership.objects.create(product=product, user=user, role=role)
        people.append(Person(f"product {role}", user, product=PRODUCT_PERMISSIONS[role]))
        stranger = factories.make_user(f"Product {role.value} elsewhere", organisation=organisation)
        Membership.objects.create(product=other_product, user=stranger, role=role)
        people.append(Person(f"product {role} elsewhere", stranger))
    for role, held in SITE_PERMISSIONS.items():
        user = factories.make_user(f"{role.value.title()} Site", site_role=role)
        people.append(Person(str(role), user, project=held, product=held, site=held))
    return [*people, Person("nobody's role", factories.make_user("No Role")), Person("anonymous", None)]
