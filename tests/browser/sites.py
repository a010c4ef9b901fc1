"""What the walk over every page looks at: a small demo, a project and product with awkward content, and empty ones.

``PARAMETERS`` says what stands for each parameter of a route, as an object of the subject before it; a route whose
parameter is not named here fails its test.
"""

import datetime
import hashlib
import re
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from delivery.articles.models import Article
from delivery.issues.importing import FIELDS
from delivery.issues.queue import bulk
from delivery.issues.queue.models import SavedView
from delivery.mail import filing
from delivery.models import (
    AlertDelivery,
    AlertSource,
    DepartmentRequest,
    InboundMail,
    Incident,
    Invitation,
    IssueNote,
    KnownGap,
    Mailbox,
    MajorIncident,
    Product,
    Survey,
)
from delivery.products.decommission.models import Decommission
from delivery.products.oncall.models import OnCallTurn
from delivery.releases.models import FreezeWindow
from delivery.runbooks.models import Runbook
from handover.criteria.models import LibraryCriterion
from handover.demo.build import build as build_demo
from handover.models import ClientView, Topic
from handover.transfer import actions
from pmdm.accounts.models import Department, Organisation, Skill, User
from pmdm.accounts.roles import Role
from pmdm.interchange.models import Upload
from pmdm.interchange.tabular import read, suggest
from pmdm.jobs.models import Outbox, Work
from pmdm.kpis import recompute
from projects.changes.impact import compute
from projects.changes.items import add_requirement, draft_edit, move_money
from projects.models import (
    Benefit,
    CalendarFeed,
    Delivery,
    ExchangeRate,
    InitiationRequest,
    Lesson,
    Project,
    ProjectType,
    TestSession,
)
from projects.schedule.import_views import check
from projects.schedule.plan import reschedule
from projects.schedule.table_views import keep_table
from projects.schedule.uploads import keep
from projects.scope.tracing.models import link
from projects.team.levelling import Options, propose
from projects.types import shipped
from tests import factories

# One project in each state (execution, planning, paused, handing over, delivered) and a product without a project.
DEMO = {"NCP", "WRC", "PAY", "CID", "KIO", "FLD"}
MANY = 60

# 200 characters: words, and one without a break.
WORDS = ("The renewal of everything that the regional office of the northern district has ever asked for " * 3)[:160]
LONG = WORDS + "Donaudampfschifffahrtsgesellschaft4711Ab"
assert len(LONG) == 200


def first_of(rows, field, **filters):
    """A function from a subject to a field of the first of its rows; None where it has none."""
    return lambda subject: getattr(subject, rows).filter(**filters).values_list(field, flat=True).first()


def number_of(rows, **filters):
    return first_of(rows, "number", **filters)


def key_of(rows, **filters):
    return first_of(rows, "pk", **filters)


def led(product):
    """A major incident, one with a review where there is one."""
    incidents = product.major_incidents
    return incidents.filter(review__isnull=False).first() or incidents.first()


def phase_of(project):
    return project.phases.exclude(checklist=None).filter(state="active").first() or project.phases.first()


def requirement_of(project):
    return project.requirements.exclude(criteria=None).first()


def offered_to(project):
    """A published lesson of another project."""
    others = Lesson.objects.filter(state="published").exclude(project=project)
    return others.values_list("pk", flat=True).first()


def change_of(project):
    """One that is still open, so that its forms are there."""
    return project.change_requests.filter(state__in=("assessment", "submitted", "deferred")).first()


def handover_of(project):
    return project.handovers.last()


def around_handover(rows, field="pk"):
    """A function from a project to a field of the first of the rows that belong to its handover."""

    def found(project):
        handover = handover_of(project)
        return handover and getattr(handover, rows).values_list(field, flat=True).first()

    return found


def known_topic_of(product):
    """A topic that came with an accepted handover."""
    return Topic.objects.filter(handover__product=product, handover__accepted_at__isnull=False).first()


def first_line_of(project, name):
    record = handover_of(project)
    return record and getattr(record, name).values_list("pk", flat=True).first()


# By the route up to the parameter, converters left out. The functions get the subject, or the site for other routes.
PARAMETERS = {
    "accounts/people/:pk": lambda s: s.person.pk,
    "accounts/organisations/:pk": lambda s: s.organisation.pk,
    "accounts/departments/:pk": lambda s: s.department.pk,
    "accounts/skills/:pk": lambda s: s.skill.pk,
    "projects/timesheet/export.:kind": lambda s: "csv",
    "projects/:code/time/export.:kind": lambda p: "csv",
    "projects/people/:pk": lambda s: s.person.pk,
    "projects/people/:pk/skills/:key": lambda s: s.skill.pk,
    "projects/people/:pk/absences/:key": lambda s: 1,
    "projects/people/:pk/hours/:key": lambda s: 1,
    "projects/benefits/:pk": lambda s: s.benefit.pk,
    "projects/benefits/:pk/reviews/:review": lambda s: s.benefit.reviews.undone().first().pk,
    "projects/benefits/:pk/files/:key": lambda s: "no-such-file",
    "projects/lessons/:pk": lambda s: s.lesson.pk,
    "projects/types/:slug": lambda s: "software",
    "projects/types/:slug/versions/:number": lambda s: 1,
    "projects/types/:slug/draft/:section": lambda s: "tasks",
    "projects/requests/:pk": lambda s: s.request.pk,
    "projects/calendar/feeds/:pk": lambda s: 0,
    "calendars/:token": lambda s: "no-such-token-0123456789abcdef0123",
    "projects/requests/:pk/steps/:step": lambda s: 1,
    "projects/requests/:pk/submissions/:number": lambda s: 1,
    "projects/exchange-rates/:pk": lambda s: s.rate.pk,
    "projects/exchange-rates/import/:pk": lambda s: s.rate_upload.pk,
    "accounts/confirm-email/:key": lambda s: "x",
    "accounts/password/reset/key/:uidb36": lambda s: "1",
    "accounts/password/reset/key/:uidb36-:key": lambda s: "no-key",
    "accounts/2fa/webauthn/keys/:pk": lambda s: s.passkey.pk,
    "jobs/failed/:pk": lambda s: s.failed.pk,
    "jobs/work/:pk": lambda s: s.work.pk,
    "s/:token": lambda s: s.survey_token,
    "alerts/:token": lambda s: "no-such-token-0123456789abcdef0123",
    # A project
    "projects/:code/files/:key": lambda p: "no-such-file",
    "projects/:code/phases/:kind": lambda p: phase_of(p).key,
    "projects/:code/phases/:kind/checklist/:pk": lambda p: phase_of(p).checklist.first().pk,
    "projects/:code/closure/decisions/:kind": lambda p: "risks",
    "projects/:code/cancellation/salvage/:number": number_of("salvage"),
    "projects/:code/objectives/:number": number_of("objectives"),
    "projects/:code/figures/:kpi": lambda p: "on_time",
    "projects/:code/requirements/:number": lambda p: requirement_of(p) and requirement_of(p).number,
    "projects/:code/requirements/:number/criteria/:pk": lambda p: (
        requirement_of(p) and requirement_of(p).criteria.first().pk
    ),
    "projects/:code/requirements/:number/versions/:version": lambda p: (
        requirement_of(p) and requirement_of(p).versions.values_list("number", flat=True).first()
    ),
    "projects/:code/deliverables/:number": number_of("deliverables"),
    "projects/:code/deliveries/:number": number_of("deliveries"),
    "projects/:code/tests/cases/:number": number_of("test_cases"),
    "projects/:code/tests/sessions/:number": number_of("test_sessions"),
    "projects/:code/tests/sessions/:number/runs/:pk": lambda p: (
        p.test_sessions.first() and p.test_sessions.first().runs.values_list("pk", flat=True).first()
    ),
    "projects/:code/requirements/:number/links/:pk": lambda p: (
        requirement_of(p) and requirement_of(p).trace_links.values_list("pk", flat=True).first()
    ),
    "projects/:code/traceability/export.:kind": lambda p: "csv",
    "projects/:code/past/:register": lambda p: "tasks",
    "products/:code/past/:register": lambda p: "issues",
    "projects/:code/past/:register/:key": lambda p: p.tasks.values_list("uid", flat=True).first(),
    "projects/:code/lessons/:number": number_of("lessons"),
    "projects/:code/lessons/offers/:pk": offered_to,
    "projects/:code/changes/:number": lambda p: change_of(p) and change_of(p).number,
    "projects/:code/changes/export.:kind": lambda p: "csv",
    "projects/:code/changes/:number/requirements/:action": lambda p: "add",
    "projects/:code/changes/:number/tasks/:action": lambda p: "add",
    "projects/:code/changes/:number/:what": lambda p: "money",
    "projects/:code/changes/:number/:what/:pk": lambda p: change_of(p) and 1,
    "projects/:code/risks/:number": number_of("risks"),
    "projects/:code/issues/:number": number_of("issues"),
    "projects/:code/team/:membership_id": key_of("memberships", role="member"),
    "projects/:code/team/levelling/:work_id": lambda p: getattr(p, "levelling", None),
    "projects/:code/team/resources/:uid": first_of("resources", "uid"),
    "projects/:code/budget/lines/:number": number_of("budget_lines"),
    "projects/:code/budget/earned-value/rules/:uid": first_of("tasks", "uid", is_summary=False),
    "projects/:code/budget/expenses/:number": number_of("expenses"),
    "projects/:code/budget/orders/:number": number_of("orders"),
    "projects/:code/budget/accruals/:number": number_of("accruals"),
    "projects/:code/budget/reserves/:kind": lambda p: "reserve",
    "projects/:code/budget/reserves/draws/:number": number_of("draws"),
    # Only one's own, so it is the walker's on the awkward project.
    "projects/:code/time/:entry_id": key_of("time_entries", user__site_role="admin"),
    "projects/:code/handover/:number": lambda p: handover_of(p) and handover_of(p).number,
    "projects/:code/handover/:number/knowledge/people/:pk": around_handover("learners"),
    "projects/:code/handover/:number/knowledge/topics/:pk": around_handover("topics"),
    "projects/:code/handover/:number/knowledge/topics/:pk/proofs/:person": around_handover("learners", "user"),
    "projects/:code/handover/:number/knowledge/materials/:pk": around_handover("materials"),
    "projects/:code/handover/:number/signoff/:pk": around_handover("signers"),
    "projects/:code/handover/:number/pack/:pack_number": around_handover("packs", "number"),
    "projects/:code/handover/:number/cutover/steps/:pk": around_handover("cutover_steps"),
    "projects/:code/handover/:number/cutover/runs/:run_number": around_handover("cutover_runs", "number"),
    "projects/:code/handover/:number/cutover/runs/:run_number/steps/:pk": around_handover("cutover_steps"),
    "stories/:code/requirements/:number": lambda p: requirement_of(p) and requirement_of(p).number,
    "projects/:code/handover/:number/criteria/:pk": lambda p: handover_of(p) and handover_of(p).criteria.first().pk,
    "projects/:code/handover/:number/rounds/:round": lambda p: (
        handover_of(p) and handover_of(p).rounds.values_list("number", flat=True).first()
    ),
    "projects/:code/handover/:number/client/:pk": lambda p: first_line_of(p, "scope_lines"),
    "projects/:code/handover/:number/conditions/:pk": lambda p: first_line_of(p, "conditions"),
    "projects/:code/handover/:number/remarks/:pk": lambda p: first_line_of(p, "remarks"),
    "handovers/criteria/:pk": lambda site: LibraryCriterion.objects.values_list("pk", flat=True).first(),
    "projects/:code/schedule/tasks/:uid": first_of("tasks", "uid", is_summary=False),
    "projects/:code/schedule/baselines/:number": number_of("baselines"),
    "projects/:code/schedule/control/simulation/:number": number_of("simulations"),
    "projects/:code/schedule/export.:format": lambda p: "csv",
    "projects/:code/schedule/picture.:format": lambda p: "svg",
    "projects/:code/schedule/pictures/:pk": lambda p: 0,
    "projects/:code/schedule/calendar/tasks/:uid": first_of("tasks", "uid", is_summary=False),
    "projects/:code/schedule/import/table/:pk": lambda p: getattr(p, "table_upload", None),
    "projects/:code/schedule/sprints/:number": number_of("sprints"),
    "projects/:code/schedule/recurring/:pk": key_of("recurrences"),
    "projects/:code/schedule/import/:token": lambda p: getattr(p, "plan_upload", None),
    # A product
    "products/:code/files/:key": lambda p: "no-such-file",
    "products/:code/figures/:kpi": lambda p: "availability",
    "products/:code/team/:pk": key_of("memberships", role="support"),
    "products/:code/articles/:number": number_of("articles"),
    "products/:code/articles/:number/states/:state": lambda p: "internal",
    "products/:code/runbooks/:pk": key_of("runbooks"),
    "products/:code/runbooks/runs/:pk": key_of("runbook_runs"),
    "products/:code/record/environments/:pk": key_of("environments"),
    "products/:code/record/components/:pk": key_of("components"),
    "products/:code/record/components/:pk/needs/:link": key_of("components"),
    "products/:code/record/contracts/:pk": key_of("agreements"),
    "products/:code/record/on-call/:pk": lambda p: (
        p.on_call_turns.filter(ends_at__gt=timezone.now()).values_list("pk", flat=True).first()
    ),
    "products/:code/record/decommissioning/:kind": lambda p: "notice",
    "products/:code/service-levels/escalation/:pk": key_of("escalation_steps"),
    "products/issues/views/:pk": lambda s: s.saved_view.pk,
    "products/issues/edits/:pk": lambda s: s.bulk_edit.pk,
    "products/:code/issues/import/:pk": lambda p: getattr(p, "issue_upload", None),
    "products/:code/issue-teams/:pk": key_of("teams"),
    "products/:code/problems/:number": number_of("problems"),
    "products/:code/problems/:number/:move": lambda p: "resolution",
    "products/:code/aids/answers/:pk": key_of("answers"),
    "products/:code/aids/checklists/:pk": key_of("checklist_templates"),
    "products/:code/issues/:number": number_of("issues"),
    "products/:code/issues/:number/:move": lambda p: "take",
    "products/:code/roadblocks/:number": number_of("roadblocks"),
    "products/:code/roadblocks/:number/:step": lambda p: "removal",
    "products/requests/:pk": lambda s: s.department_request.pk,
    "products/requests/:pk/:step": lambda s: "withdrawal",
    "products/:code/risks/:number/incidents/:pk": lambda p: 1,
    "products/flow/:days": lambda p: 90,
    "products/flow/:days/:figure": lambda p: "open",
    "products/:code/flow/:days": lambda p: 90,
    "products/:code/flow/:days/:figure": lambda p: "resolution_breached",
    "products/lists/:name": lambda p: "issues",
    "products/lists/:name.:kind": lambda p: "csv",
    "products/:code/lists/:name": lambda p: "risks",
    "products/:code/lists/:name.:kind": lambda p: "csv",
    "products/:code/issues/imports/:pk": key_of("issue_imports"),
    "products/:code/complaints/:number": number_of("issues", type="complaint"),
    "products/:code/major-incidents/:number": lambda p: led(p) and led(p).number,
    "products/:code/major-incidents/:number/entries/:pk": lambda p: led(p).entries.first().pk,
    "products/:code/major-incidents/:number/review/actions/:pk": lambda p: (
        p.review_actions.filter(review__incident=led(p)).values_list("pk", flat=True).first()
    ),
    "products/:code/major-incidents/:number/:step": lambda p: "mitigation",
    "products/:code/requirements/:number": number_of("requirements"),
    "products/:code/known-gaps/:number": number_of("known_gaps"),
    "products/:code/releases/:pk": key_of("releases"),
    "products/:code/releases/:pk/steps/:what": lambda p: "ask",
    "products/:code/releases/:pk/items/:item": lambda p: 0,
    "products/:code/releases/:pk/checks/:check": lambda p: 0,
    "products/releases/freezes/:pk": lambda s: 0,
    "products/:code/risks/:number": number_of("risks"),
    "products/:code/surveys/:pk": key_of("surveys"),
    "products/:code/surveys/:pk/invitations/:invitation": lambda p: (
        p.surveys.first().invitations.values_list("pk", flat=True).first()
    ),
    "products/:code/incidents/:pk": key_of("incidents"),
    "products/:code/alert-sources/:pk": key_of("alert_sources"),
    "portal/clients/:pk": lambda s: s.client.pk,
    "products/:code/announcements/:pk": key_of("announcements"),
    "products/:code/mail/:pk": key_of("inbound_mails", state="quarantined"),
    "products/:code/issues/:number/attachments/:key": lambda p: "no-such-file",
    "products/:code/alert-messages/:pk": lambda p: (
        AlertDelivery.objects.filter(source__product=p).values_list("pk", flat=True).first()
    ),
    "products/:code/hypercare/issues/:number": number_of("issues"),
    "products/:code/knowledge/topics/:pk": lambda p: known_topic_of(p) and known_topic_of(p).pk,
    "products/:code/knowledge/topics/:pk/proofs/:person": first_of("memberships", "user", role="support"),
}
PROJECT_ROUTE = re.compile(r"^(projects|stories)/<\w+:code>/")
PRODUCT_ROUTE = re.compile(r"^products/<\w+:code>/")


def walk(patterns, prefix="", namespace=""):
    """(route, name) of every pattern below."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from walk(pattern.url_patterns, route, inner)
        elif isinstance(pattern, URLPattern):
            yield named_groups(route.removesuffix("\\Z").removesuffix("$")), f"{namespace}{pattern.name}"


def named_groups(route: str) -> str:
    """A regular expression's groups written as a path's parameters."""
    return re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route)


# Of two equal routes the first is served.
ROUTES = dict(reversed(list(walk(get_resolver().url_patterns))))
ROUTE_OF = {name: route for route, name in ROUTES.items()}


def path_of(route: str, subject, site) -> str | None:
    """The route with things of the subject in place of its parameters; None where it has no such thing."""
    parts, path = [], ""
    for literal, parameter in re.findall(r"([^<]*)(?:<(?:\w+:)?(\w+)>)?", route):
        path += literal
        parts.append(literal)
        if not parameter:
            continue
        parts.append(f":{parameter}")
        key = "".join(parts)
        if subject is not None and parameter == "code":
            path += subject.code
            continue
        if key not in PARAMETERS:
            pytest.fail(f"{route}: say in PARAMETERS of tests/browser/sites.py what stands for {key!r}.")
        value = PARAMETERS[key](subject or site)
        if value is None:
            return None
        path += str(value)
    return "/" + path


def subjects_of(route: str, site) -> list:
    """On which subjects to look for this page, the richest first."""
    if PROJECT_ROUTE.match(route):
        return site.projects
    if PRODUCT_ROUTE.match(route):
        return site.products
    return [None]


# --- The site ---------------------------------------------------------------------------------------------


def build() -> SimpleNamespace:
    """All of it, in the database as it stands."""
    now = timezone.now()
    build_demo(now=now, only=DEMO)
    people = {user.email.split(".")[0]: user for user in User.objects.all()}
    projects = {project.code: project for project in Project.objects.all()}
    products = {product.code: product for product in Product.objects.all()}
    site = SimpleNamespace(
        now=now,
        people=people,
        admin=people["noor"],
        manager=people["ines"],
        sponsor=people["tom"],
        delivery=people["jude"],
        support=people["nia"],
        stakeholder=people["greta"],
        client=people["carol"],
        member=people["sana"],
        person=people["sana"],
        organisation=Organisation.objects.first(),
        department=Department.objects.first(),
        projects=[projects[code] for code in ("WRC", "CID", "NCP", "PAY", "KIO")],
        products=[products[code] for code in ("NCP", "FLD")],
    )
    site.skill = (
        site.person.skills.first().skill if site.person.skills.exists() else Skill.objects.create(name="Masonry")
    )
    # Of a project that the member has no role on: she reads it as people of other projects do.
    site.lesson = factories.make_lesson(factories.make_project(site.manager, code="TAUGHT"), title="Published")
    site.lesson.publish(by=site.manager)
    site.benefit = benefit_of(site)
    site.request = request_of(site.admin, site.people["ines"])
    shipped.install(by=site.admin)
    ProjectType.objects.get(slug="software").start_draft(by=site.admin)
    site.failed = Outbox.objects.create(kind="mail", key="walk", failed_at=now, error="Traceback:\nOSError: no host")
    site.work = Work.objects.create(kind="walk", title="Import of a plan", asked_by=site.admin, percent=40)
    site.rate = ExchangeRate.objects.first()
    site.rate_upload = Upload.keep(
        "exchange-rates",
        site.admin,
        site.admin,
        File("rates.csv", "currency,day,rate,source\nUSD,2026-03-02,0.5,ECB\n"),
    )
    secure(site)
    site.long_project, site.long_product = awkward(site)
    site.projects.append(site.long_project)
    site.products.append(site.long_product)
    site.empty_project = factories.make_project(site.manager, code="EMPTY", name="Nothing yet")
    site.empty_product = factories.make_product(code="BARE", name="Nothing yet")
    survey = products["FLD"].surveys.create(name="For the walk")
    site.survey_token = "a-token-that-nobody-guesses-0123456789"
    Invitation.objects.create(
        product=survey.product,
        survey=survey,
        email="someone@example.org",
        token_hash=hashlib.sha256(site.survey_token.encode()).hexdigest(),
        expires_at=now + datetime.timedelta(days=30),
    )
    site.bulk_edit = bulk.apply(
        dict.fromkeys(products["FLD"].issues.open().values_list("pk", flat=True)[:3]), "severity", "2", by=site.admin
    )
    site.saved_view = SavedView.keep(
        by=site.admin, product=products["FLD"], name=LONG[:80], parameters=[("group", "assignee"), ("sums", "on")]
    )
    site.feed, _token = CalendarFeed.make(by=site.admin)
    site.projects[0].levelling = levelling_of(site.projects[0], site.admin)
    table = File("plan.csv", "UID,Name,Duration\n1,Dig,3d\n")
    site.projects[0].table_upload = keep_table(site.projects[0], site.admin, table).pk
    site.projects[0].plan_upload = plan_upload(site.projects[0], site.admin)
    site.department_request = DepartmentRequest.objects.order_by("pk").first()
    site.products[0].issue_upload = issue_upload(site.products[0], site.admin)
    recompute.recompute_all(as_of=now)
    return site


def secure(site) -> None:
    """A member with a password, an app for codes, recovery codes and a passkey: the pages about these need one."""
    site.member.set_password("correct horse battery staple")
    site.member.save()
    TOTP.activate(site.member, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(site.member)
    site.passkey = Authenticator.objects.create(
        user=site.member, type=Authenticator.Type.WEBAUTHN, data={"name": "Key on the desk", "passwordless": True}
    )


def awkward(site):
    """A project and a product whose every text is as long as its column, in many rows."""
    organisation = factories.make_organisation(LONG)
    person = factories.make_user(LONG[:150], job_title=LONG[:150], site_role=Role.PMO, organisation=None)
    project = factories.make_project(
        person,
        code="LONG-CODE-OF-24-LETTERS",
        name=LONG,
        client=organisation,
        goal=LONG * 3,
        approved_budget=999_999_999,
        sponsor=person,
        delivery_manager=site.delivery,
    )
    member = project.memberships.create(user=site.person, role=Role.MEMBER)
    baseline_day = site.now.replace(hour=8, minute=0, second=0, microsecond=0)
    objective = project.objectives.create(statement=LONG, measure=LONG, unit=LONG[:30], target_value=123_456_789)
    benefit = Benefit.plan(objective, owner=person, by=person, source=LONG, due=[datetime.date(2041, 1, 2)])
    benefit.record(by=person, value=1, measured_on=baseline_day.date(), evidence=LONG, comment=LONG * 2)
    line = project.budget_lines.create(name=LONG, category="services", planned=999_999_999, remaining=1)
    parent = project.tasks.create(uid=1, number=1, name=LONG, start=baseline_day, finish=baseline_day)
    for number in range(2, MANY):
        project.tasks.create(
            uid=number, number=number, name=LONG, parent=parent, duration=4800, start=baseline_day, finish=baseline_day
        )
    project.resources.create(uid=1, name=LONG)
    reschedule(project)
    for number in range(MANY):
        requirement = factories.make_requirement(project, title=LONG, text=LONG * 2, source=LONG)
        factories.make_risk(
            project, title=LONG, description=LONG * 2, probability=1 + number % 5, impact=1 + number // 12, owner=person
        )
        factories.make_issue(project, title=LONG)
        project.expenses.create(line=line, amount=999_999, description=LONG, supplier=LONG, booked_by=person)
    requirement.criteria.create(project=project, text=LONG * 2)
    requirement.project = project
    requirement.move_on("reviewed")
    requirement.approve(by=person)
    requirement.propose({"title": LONG[::-1], "text": LONG}, by=person, reason=LONG * 2)
    change = project.change_requests.create(
        title=LONG, reason=LONG * 2, description=LONG * 2, requester=person, created_by=person, owner=person
    )
    change.project = project
    change.submit(by=person)
    change.assess(by=person)
    for _number in range(3):
        move_money(change, by=person, name=LONG, category="other", delta=999_999_999)
        add_requirement(change, by=person, title=LONG, text=LONG * 2)
    ops = [{"op": "set", "uid": 2, "fields": {"name": LONG[::-1], "duration": "99d"}, "was": {"name": LONG}}]
    draft_edit(change, "set", by=person, ops=ops, name=LONG, uid=2, cost=999_999_999)
    compute(change, by=person)
    deliverable = project.deliverables.create(title=LONG, description=LONG * 2)
    for _number in range(MANY):
        texts = dict.fromkeys(("happened", "cause", "effect", "recommendation"), LONG * 2)
        factories.make_lesson(project, title=LONG, tags=[LONG[:40], LONG[1:41]], **texts)
    case = project.test_cases.create(title=LONG, steps=LONG * 2, expected=LONG)
    link("deliverable", [requirement], deliverable, by=person)
    link("case", [requirement], case, by=person)
    Delivery.bundle(project, [deliverable], title=LONG, by=person, note=LONG)
    TestSession.plan(project, [case], title=LONG, environment=LONG)
    for user in (member.user, site.admin):
        project.time_entries.create(user=user, minutes=60, note=LONG, line=line)
    project.status_updates.create(text=LONG * 3, overall="act", by=person)
    actions.start(project, by=person)
    product = factories.make_product(code="LONG-CODE-OF-24-LETTERS", name=LONG, description=LONG * 2)
    product.clients.add(organisation)
    product.memberships.create(user=person, role=Role.DELIVERY_MANAGER)
    product.memberships.create(user=site.person, role=Role.SUPPORT)
    for number in range(MANY):
        issue = product.issues.create(title=LONG, organisation=organisation, severity=1 + number % 4)
        product.requirements.create(title=LONG, text=LONG)
        product.risks.create(title=LONG, probability=3, impact=3)
    IssueNote.objects.create(product=product, issue=issue, text=LONG * 2, by=person)
    product.problems.create(title=LONG, description=LONG * 2, root_cause=LONG, raised_by=person).link(issue, by=person)
    incident = MajorIncident.declare(product, by=person, issue=issue, title=LONG, headline=LONG, commander=person)
    incident.note(by=person, text=LONG * 2, is_public=True)
    KnownGap.objects.create(product=product, title=LONG)
    release = product.releases.create(
        name=LONG[:50], state="released", released_on=site.now.date(), notes=LONG * 2, internal_notes=LONG,
        rollback_note=LONG, starts_at=site.now, ends_at=site.now + datetime.timedelta(hours=2),
    )  # fmt: skip
    record_of(product, release, person, organisation)
    survey = Survey.objects.create(product=product, name=LONG)
    survey.answers.create(product=product, satisfaction=1, comment=LONG * 3)
    source = AlertSource.objects.create(product=product, name=LONG[:100], kind="alertmanager", token_hash="0" * 64)
    Incident.objects.create(
        product=product,
        source=source,
        title=LONG,
        started_at=site.now,
        severity="critical",
        link="https://x.example/" + LONG,
    )
    said = {"title": LONG, "fingerprint": "f", "up": False, "did": "opened", "incident": None}
    AlertDelivery.objects.create(
        source=source, body=f'{{"title": "{LONG}"}}', body_hash="1" * 64, state="refused", error=LONG, signals=[said],
        sender={"type": "application/json", "program": LONG, "address": "203.0.113.9"},
    )  # fmt: skip
    ClientView.objects.create(person=site.client, by=site.admin)
    for _number in range(3):
        product.announcements.create(title=LONG[:150], text=LONG * 3, organisation=organisation, created_by=person)
    mailbox = Mailbox.objects.create(product=product, address=f"long@{'x' * 60}.example", name=LONG[:100])
    words = f"From: {LONG[:150]} <x@y.example>\nSubject: {LONG}\n\n{LONG}\n\n> {LONG}\n"
    mail, _created = InboundMail.keep(mailbox, words.encode())
    filing.process({"mail": mail.pk})
    return project, product


def record_of(product, release, person, organisation) -> None:
    """A record with long names and many components."""
    where = product.environments.create(name=LONG[:100], address=LONG, organisation=organisation, note=LONG * 2)
    Article.write(product, by=person, title=LONG, text=LONG * 9, review_by=timezone.localdate())
    book = Runbook.write(product, by=person, title=LONG, steps=[(LONG, LONG * 2)] * 3, summary=LONG)
    book.start(by=person, reason=LONG)
    where.deploy(release, by=person, note=LONG * 2)
    release.targets.add(where)
    for number in range(3):
        release.items.create(product=product, change=LONG + LONG[:90], public_text=LONG)
        release.checks.create(product=product, text=LONG)
        FreezeWindow.objects.create(
            product=product, name=LONG[:100], reason=LONG, by=person, starts_at=timezone.now(),
            ends_at=timezone.now() + datetime.timedelta(days=1 + number),
        )  # fmt: skip
    parts = [product.components.create(name=f"{n} {LONG[:96]}", description=LONG * 2, owner=person) for n in range(24)]
    for part in parts[1:]:
        part.depend_on(parts[0], by=person)
    today = timezone.localdate()
    for number in range(MANY):
        product.agreements.create(
            title=LONG, party=LONG, contact=LONG, starts_on=today, ends_on=today + datetime.timedelta(days=number),
            value=999_999_999, currency="EUR", note=LONG * 2,
        )  # fmt: skip
    OnCallTurn.rotate(product, [person], by=person, start=timezone.now(), days=7, count=MANY)
    Decommission.begin(product, by=person, reason=LONG * 2, planned_on=today)


class File(SimpleNamespace):
    """As much of an uploaded file as keeping one needs."""

    def __init__(self, name: str, text: str):
        self.name, self.data, self.size = name, text.encode(), len(text)

    def read(self) -> bytes:
        return self.data


def benefit_of(site) -> Benefit:
    """One with a value, a review that is done and one to come."""
    benefit = Benefit.objects.filter(measurements__isnull=False).first()
    benefit.add_review(datetime.date(2040, 1, 2), by=site.admin)
    return benefit


def request_of(user, other):
    """A request with long texts, submitted once and returned: its steps are open to who asked."""
    asked = InitiationRequest.objects.create(
        asked_by=user, name=LONG, reason=LONG * 2, goal=LONG, results=LONG, objective=LONG, measure=LONG,
        target_value=4, target_start=datetime.date(2030, 1, 7), target_finish=datetime.date(2030, 6, 28),
        budget=999_999_999, sponsor=other,
    )  # fmt: skip
    reviewer = factories.make_user(LONG[:150], site_role=Role.PMO)
    asked.submit(by=user)
    asked.give_to(reviewer, by=reviewer)
    asked.send_back(by=reviewer, reason=LONG * 2)
    return asked


def levelling_of(project, user) -> int:
    """A proposal to level the project's people that waits to be saved."""
    proposal = propose(project, Options(within_float=False))
    result = {
        "moves": proposal.moves,
        "finish": [moment.isoformat() if moment else None for moment in proposal.finish],
        "before": [],
        "after": [[who, week.isoformat(), minutes] for who, week, minutes in proposal.after],
    }
    payload = {"project": project.pk, "within_float": False}
    return Work.objects.create(
        kind="team.level", title="Level", asked_by=user, state="done", payload=payload, result=result
    ).pk


def plan_upload(project, user) -> str:
    """The token of a plan that waits to be confirmed."""
    file = File("plan.csv", "ID,Name,Duration,Predecessors\n1,Dig,3d,\n2,Build,5d,1\n")
    upload, token = keep(project, user, file)
    check(upload)
    return token


def issue_upload(product, user) -> int:
    """A file of issues whose columns wait to be named."""
    upload = Upload.keep("issues", product, user, File("issues.csv", "Summary,Priority\nPage is empty,High\n"))
    upload.options = {"mapping": suggest(read(upload.data).header, FIELDS), "severities": {}}
    upload.save(update_fields=["options"])
    return upload.pk
