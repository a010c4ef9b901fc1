"""Load for measuring: N projects of 200 tasks, N/3 products of 200 issues, 2N people. Plain and in bulk, not a story.

The dates of the tasks come from the same engine as everywhere; only the rows are made by the thousand.
"""

import datetime
import random

from django.db import transaction

from delivery.models import Answer as SurveyAnswer
from delivery.models import Incident, Issue, Membership, Product, Requirement, ServiceLevel, Survey
from pmdm.accounts.models import Organisation, User
from pmdm.accounts.roles import Role
from pmdm.registers.models import Counter
from projects.models import (
    Baseline,
    BaselineTask,
    BudgetLine,
    Expense,
    Link,
    Phase,
    Project,
    RequirementVersion,
    Risk,
    ScopeBaseline,
    ScopeBaselineItem,
    StatusUpdate,
    Task,
)
from projects.models import Membership as ProjectMembership
from projects.models import Requirement as ProjectRequirement
from projects.schedule.plan import reschedule

TASKS, ISSUES, REQUIREMENTS, RISKS = 200, 200, 20, 8
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)


def build(count: int, *, now: datetime.datetime, seed: int = 7, say=lambda text: None) -> None:
    """Make ``count`` projects and what goes with them; codes start with L, so that nothing collides with the demo."""
    dice = random.Random(seed)
    people = _people(count * 2)
    organisations = _organisations(max(3, count // 20))
    say(f"{len(people)} people")
    projects = _projects(count, people, organisations, now=now, dice=dice)
    for number, project in enumerate(projects, 1):
        with transaction.atomic():
            _plan(project, now=now, dice=dice)
        if number % 25 == 0:
            say(f"{number} of {count} projects planned")
    products = max(1, count // 3)
    per_product = max(ISSUES, count * TASKS // 3 // products)
    _products(products, per_product, people, organisations, now=now, dice=dice)
    say(f"{products} products with {per_product} issues each")


def _people(count: int) -> list[User]:
    rows = [User(email=f"load{n}@load.example", name=f"Load Person {n}") for n in range(1, count + 1)]
    for row in rows:
        row.set_unusable_password()
    User.objects.bulk_create(rows, ignore_conflicts=True)
    return list(User.objects.filter(email__endswith="@load.example").order_by("pk"))


def _organisations(count: int) -> list[Organisation]:
    Organisation.objects.bulk_create(
        [Organisation(name=f"Load client {n}") for n in range(count)], ignore_conflicts=True
    )
    return list(Organisation.objects.filter(name__startswith="Load client"))


@transaction.atomic
def _projects(count, people, organisations, *, now, dice) -> list[Project]:
    projects = Project.objects.bulk_create(
        Project(
            code=f"L{n}",
            name=f"Load project {n}",
            goal="Measure.",
            client=dice.choice(organisations),
            approved_budget=dice.randrange(50, 900) * 1000,
            target_start=(now - 200 * DAY).date(),
            target_finish=(now + dice.randrange(20, 200) * DAY).date(),
            schedule_start=now - dice.randrange(100, 250) * DAY,
            created_at=now - 260 * DAY,
            created_by=people[n % len(people)],
        )
        for n in range(1, count + 1)
    )
    memberships, phases, risks, lines, requirements, updates = [], [], [], [], [], []
    roles = (Role.MANAGER, Role.SPONSOR, Role.DELIVERY_MANAGER, Role.MEMBER, Role.MEMBER)
    for n, project in enumerate(projects):
        for offset, role in enumerate(roles):
            memberships.append(
                ProjectMembership(project=project, user=people[(n * 2 + offset) % len(people)], role=role)
            )
        for position, kind in enumerate(Phase.Kind.values, 1):
            state = "done" if position < 3 else "active" if position < 5 else "pending"
            phases.append(
                Phase(
                    key=kind,
                    project=project,
                    kind=kind,
                    position=position,
                    state=state,
                    started_at=None if state == "pending" else now - 200 * DAY,
                    finished_at=now - 100 * DAY if state == "done" else None,
                )
            )
        for number in range(1, RISKS + 1):
            risks.append(
                Risk(
                    project=project,
                    number=number,
                    title=f"Load risk {number}",
                    probability=dice.randint(1, 5),
                    impact=dice.randint(1, 5),
                    exposure=dice.randrange(1, 60) * 1000,
                )
            )
        for number in range(1, REQUIREMENTS + 1):
            verified = dice.random() < 0.5
            requirements.append(
                ProjectRequirement(
                    project=project,
                    number=number,
                    title=f"Load requirement {number}",
                    state="verified" if verified else "approved",
                    approved_at=now - 150 * DAY,
                    approved_by=project.created_by,
                    verified_at=now - 10 * DAY if verified else None,
                )
            )
        lines.append(
            BudgetLine(project=project, number=1, name="Work", category="labour", planned=project.approved_budget)
        )
        updates.append(
            StatusUpdate(
                project=project,
                text="Load and nothing but load.",
                overall=dice.choice(["ok", "watch", "act"]),
                by=project.created_by,
                at=now - dice.randrange(1, 20) * DAY,
            )
        )
    ProjectMembership.objects.bulk_create(memberships, batch_size=2000)
    Phase.objects.bulk_create(phases, batch_size=2000)
    Risk.objects.bulk_create(risks, batch_size=2000)
    BudgetLine.objects.bulk_create(lines, batch_size=2000)
    ProjectRequirement.objects.bulk_create(requirements, batch_size=2000)
    StatusUpdate.objects.bulk_create(updates, batch_size=2000)
    Expense.objects.bulk_create(
        [
            Expense(
                project=line.project,
                line=line,
                number=number,
                amount=round(float(line.planned) * dice.random() / 8, 2),
                description="Load",
                spent_on=(now - number * 10 * DAY).date(),
                booked_by=line.project.created_by,
            )
            for line in lines
            for number in range(1, 6)
        ],
        batch_size=2000,
    )
    baselines = ScopeBaseline.objects.bulk_create(
        ScopeBaseline(project=project, number=1, frozen_by=project.created_by) for project in projects
    )
    by_project = {baseline.project_id: baseline for baseline in baselines}
    versions = RequirementVersion.objects.bulk_create(
        [
            RequirementVersion(
                project_id=requirement.project_id,
                requirement=requirement,
                number=1,
                state="approved",
                title=requirement.title,
                type=requirement.type,
                priority=requirement.priority,
                author=requirement.approved_by,
                approved_by=requirement.approved_by or by_project[requirement.project_id].frozen_by,
                approved_at=requirement.approved_at or by_project[requirement.project_id].frozen_at,
            )
            for requirement in requirements
        ],
        batch_size=2000,
    )
    ScopeBaselineItem.objects.bulk_create(
        [
            ScopeBaselineItem(
                baseline=by_project[requirement.project_id],
                requirement=requirement,
                version=version,
                title=requirement.title,
                priority=requirement.priority,
            )
            for requirement, version in zip(requirements, versions, strict=True)
        ],
        batch_size=2000,
    )
    Counter.objects.bulk_create(
        Counter(subject=f"project:{project.pk}", prefix=prefix, last=last)
        for project in projects
        for prefix, last in (("R", RISKS), ("REQ", REQUIREMENTS), ("B", 1), ("X", 5))
    )
    return projects


def _plan(project: Project, *, now, dice) -> None:
    """Ten summaries of nineteen tasks, each task linked to one or two before it."""
    groups = TASKS // 20
    tasks, parents = [], []
    number = 0
    for group in range(groups):
        number += 1
        parents.append(Task(project=project, uid=number, number=number, name=f"Load package {group + 1}"))
        for _n in range(19):
            number += 1
            done = number < TASKS * 0.4
            started = project.schedule_start + number * 8 * HOUR
            tasks.append(
                (
                    group,
                    Task(
                        project=project,
                        uid=number,
                        number=number,
                        name=f"Load task {number}",
                        duration=480 * dice.randint(1, 6),
                        percent=100 if done else 0,
                        actual_start=started if done else None,
                        actual_finish=started + 7 * HOUR if done else None,
                    ),
                )
            )
    Task.objects.bulk_create(parents)
    rows = []
    for group, task in tasks:
        task.parent = parents[group]
        rows.append(task)
    Task.objects.bulk_create(rows, batch_size=500)
    links = []
    for position, task in enumerate(rows[1:], 1):
        for back in {1, dice.randint(2, 12)} if dice.random() < 0.5 else {dice.randint(1, 6)}:
            if position - back >= 0:
                links.append(Link(project=project, predecessor=rows[position - back], successor=task))
    Link.objects.bulk_create(links, batch_size=500)
    reschedule(project)
    baseline = Baseline.objects.create(
        project=project, number=0, start=project.computed_start, finish=project.computed_finish
    )
    BaselineTask.objects.bulk_create(
        [
            BaselineTask(baseline=baseline, task=task, start=task.start, finish=task.finish, duration=task.duration)
            for task in project.tasks.all()
        ],
        batch_size=500,
    )


@transaction.atomic
def _products(count, issues, people, organisations, *, now, dice) -> None:
    products = Product.objects.bulk_create(
        Product(code=f"LP{n}", name=f"Load product {n}", stage="live", live_on=(now - 300 * DAY).date())
        for n in range(1, count + 1)
    )
    memberships, levels, requirements = [], [], []
    for n, product in enumerate(products):
        for offset, role in enumerate((Role.DELIVERY_MANAGER, Role.SUPPORT, Role.SUPPORT)):
            memberships.append(Membership(product=product, user=people[(n * 3 + offset) % len(people)], role=role))
        for severity, (response, resolution) in enumerate([(60, 480), (120, 960), (480, 2400), (960, 4800)], 1):
            levels.append(ServiceLevel(product=product, severity=severity, response=response, resolution=resolution))
        for number in range(1, 11):
            requirements.append(
                Requirement(
                    product=product,
                    number=number,
                    title=f"Load promise {number}",
                    conformance=dice.choice(["met", "met", "met", "degraded", "failed"]),
                    checked_at=now - 20 * DAY,
                )
            )
    Membership.objects.bulk_create(memberships)
    ServiceLevel.objects.bulk_create(levels)
    Requirement.objects.bulk_create(requirements)
    rows = []
    for product in products:
        for number in range(1, issues + 1):
            created = now - dice.random() * 300 * DAY
            done = dice.random() < 0.8
            rows.append(
                Issue(
                    product=product,
                    number=number,
                    type=dice.choice(Issue.Type.values),
                    title=f"Load issue {number} {dice.choice(['search', 'printing', 'sign-in', 'export'])}",
                    severity=dice.randint(1, 4),
                    state="closed" if done else dice.choice(["new", "in_progress", "waiting"]),
                    organisation=dice.choice(organisations),
                    created_at=created,
                    response_due=created + 4 * HOUR,
                    resolution_due=created + 5 * DAY,
                    responded_at=created + dice.random() * 6 * HOUR if done else None,
                    resolved_at=created + dice.random() * 6 * DAY if done else None,
                    closed_at=created + 7 * DAY if done else None,
                )
            )
    Issue.objects.bulk_create(rows, batch_size=2000)
    surveys = Survey.objects.bulk_create(Survey(product=product, name="Load wave") for product in products)
    SurveyAnswer.objects.bulk_create(
        [
            SurveyAnswer(
                product=survey.product,
                survey=survey,
                satisfaction=dice.randint(1, 5),
                recommendation=dice.randint(0, 10),
                answered_at=now - dice.random() * 100 * DAY,
            )
            for survey in surveys
            for _n in range(30)
        ],
        batch_size=2000,
    )
    incidents = []
    for product in products:
        for _n in range(5):
            started = now - dice.random() * 200 * DAY
            incidents.append(
                Incident(
                    product=product, title="Load outage", started_at=started, ended_at=started + dice.random() * HOUR
                )
            )
    Incident.objects.bulk_create(incidents)
    Counter.objects.bulk_create(
        Counter(subject=f"product:{product.pk}", prefix=prefix, last=last)
        for product in products
        for prefix, last in (("ISS", issues), ("REQ", 10))
    )
