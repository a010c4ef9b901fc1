"""Small makers of things for tests. Each makes one row with sensible values; keywords override them.

The cast: Alice manages, Bob is a member, Sam sponsors, Dora manages delivery, Stella is a stakeholder, Cleo is
the client, Charlie is a stranger. ``make_cast(project)`` gives them their roles.
"""

import datetime
import itertools
from types import SimpleNamespace

from django.utils import timezone

from pmdm.accounts.models import Organisation, User
from pmdm.accounts.roles import Role

_numbers = itertools.count(1)

PROJECT_CAST = {
    "alice": Role.MANAGER,
    "bob": Role.MEMBER,
    "sam": Role.SPONSOR,
    "dora": Role.DELIVERY_MANAGER,
    "stella": Role.STAKEHOLDER,
    "cleo": Role.CLIENT,
}
PRODUCT_CAST = {
    "dora": Role.DELIVERY_MANAGER,
    "sue": Role.SUPPORT,
    "bob": Role.MEMBER,
    "stella": Role.STAKEHOLDER,
    "cleo": Role.CLIENT,
}


def make_user(name="", **fields):
    """A person; the same name again is another person."""
    user = _new_user(name, **fields)
    user.save()
    return user


def _new_user(name="", **fields):
    number = next(_numbers)
    name = name or f"Person {number}"
    fields.setdefault("email", f"{name.split()[0].lower()}.{number}@example.com")
    user = User(name=name, **fields)
    user.set_unusable_password()
    return user


def make_organisation(name="", **fields):
    return Organisation.objects.create(name=name or f"Client {next(_numbers)}", **fields)


def make_project(by=None, **fields):
    """A project with its five phases; ``by`` becomes the manager."""
    from projects.lifecycle.models import Project

    number = next(_numbers)
    fields.setdefault("code", f"PRJ-{number}")
    fields.setdefault("name", f"Project {number}")
    fields.setdefault("target_start", datetime.date(2026, 1, 12))
    fields.setdefault("target_finish", datetime.date(2026, 12, 18))
    return Project.initiate(by=by or make_user("Alice Manager"), **fields)


def join(project, user, role):
    """Give a role on a project."""
    return project.memberships.create(user=user, role=role)


def make_cast(project=None, product=None, organisation=None):
    """People with their roles: ``people.alice`` manages, ``people.charlie`` is a stranger, ``people.pmo`` sees all."""
    names = dict.fromkeys([*(PROJECT_CAST if project else {}), *(PRODUCT_CAST if product else {}), "charlie"])
    people = SimpleNamespace(
        **{name: _new_user(name.title(), organisation=organisation if name == "cleo" else None) for name in names},
        pmo=_new_user("Pia Office", site_role=Role.PMO),
        admin=_new_user("Ada Admin", site_role=Role.ADMIN),
    )
    User.objects.bulk_create(vars(people).values())
    if project:
        if manager := project.manager:
            people.alice = manager
        _cast(project, people, {name: role for name, role in PROJECT_CAST.items() if not manager or name != "alice"})
        project.__dict__.pop("key_people", None)
    if product:
        _cast(product, people, PRODUCT_CAST)
    return people


def _cast(subject, people, roles):
    """Give all of them their roles, by one statement."""
    Membership, kind = subject.memberships.model, subject.memberships.field.name
    Membership.objects.bulk_create(
        Membership(**{kind: subject}, user=getattr(people, name), role=role) for name, role in roles.items()
    )


def make_product(**fields):
    from delivery.products.models import Product

    number = next(_numbers)
    fields.setdefault("code", f"PRD-{number}")
    fields.setdefault("name", f"Product {number}")
    return Product.objects.create(**fields)


def retire(product, *, by, reason="Over"):
    """Take a product out of service as people do: all steps, the sign-off by somebody else."""
    from delivery.models import Decommission

    today = timezone.localdate()
    process = Decommission.begin(product, by=by, reason=reason, planned_on=max(today, product.live_on or today))
    for step in process.steps.order_by("pk"):
        step.product = product
        step.complete(by=make_user() if step.kind == "sign_off" else by, evidence="Done")
    process.retire(by=by)
    product.refresh_from_db()


def make_requirement(project, **fields):
    number = next(_numbers)
    fields.setdefault("title", f"Requirement {number}")
    return project.requirements.create(**fields)


def make_version(requirement, **fields):
    """A text of the requirement that was approved, as freezing one needs."""
    person = requirement.approved_by or make_user()
    values = {"number": 1, "state": "approved", "author": person, "approved_by": person, "approved_at": timezone.now()}
    content = {name: getattr(requirement, name) for name in requirement.CONTENT}
    return requirement.versions.create(project=requirement.project, **content | values | fields)


def make_risk(project, **fields):
    number = next(_numbers)
    fields.setdefault("title", f"Risk {number}")
    fields.setdefault("probability", 3)
    fields.setdefault("impact", 3)
    return project.risks.create(**fields)


def make_issue(project, **fields):
    number = next(_numbers)
    fields.setdefault("title", f"Issue {number}")
    return project.issues.create(**fields)


def make_lesson(project, **fields):
    """A draft."""
    number = next(_numbers)
    fields.setdefault("title", f"Lesson {number}")
    fields.setdefault("author", project.manager)
    return project.lessons.create(**{"happened": "It did.", "recommendation": "Do so."} | fields)


def make_benefit(objective, owner=None, **fields):
    """Answered for by the sponsor unless somebody else is named; without reviews."""
    from projects.models import Benefit

    owner = owner or objective.project.sponsor
    return Benefit.plan(objective, owner=owner, by=objective.project.manager, **fields)


def make_simulation(project, *, at, **fields):
    """A stored simulation of ten runs that all end at one moment."""
    values = {
        "number": 1, "seed": 1, "runs": 10, "as_of": at, "plan_hash": "", "low": -10, "high": 30,
        "shape": "triangular", "deterministic": at, "probability": 1.0, "mean": at, "deviation_days": 0.0,
        "p50": at, "p80": at, "p90": at, "histogram": [[at.toordinal(), at.toordinal() + 1, 10]],
        "curve": [[100, at.isoformat()]],
    }  # fmt: skip
    return project.simulations.create(**values | fields)
