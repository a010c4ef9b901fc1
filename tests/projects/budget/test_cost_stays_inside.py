"""Cost reaches nobody who may not see it, on the surfaces that tell of changes: feed, calendar, mail.

Generated from the models: each row of a project that holds money is changed in all its texts and amounts, and whatever
each person then reads must hold none of it. Pages, exports and the search are walked by tests/test_access.py with the
canaries of tests/world.py.
"""

from decimal import Decimal

import pytest
from django.apps import apps
from django.core import mail
from django.db import DatabaseError, connection, models, transaction
from django.test import Client
from django.urls import reverse

from pmdm.accounts.models import User
from pmdm.accounts.roles import Permission as P
from pmdm.activity import words
from pmdm.jobs import outbox
from projects.agenda.models import CalendarFeed
from projects.budget import accruals, orders, reserves, verbs
from projects.budget.models import Draw
from tests import world as the_world

AMOUNT = Decimal("918273.64")
TEXT = "canary-changed"
TEXTS = ("name", "description", "supplier", "reason", "note", "end_reason", "reverse_reason")


def money_models() -> list[type[models.Model]]:
    """Models of a project that hold an amount of two decimals."""
    return [
        model
        for model in apps.get_app_config("projects").get_models()
        if any(field.name == "project" for field in model._meta.fields)
        and any(amount(field) for field in model._meta.fields)
    ]


def amount(field) -> bool:
    return isinstance(field, models.DecimalField) and field.decimal_places == 2 and field.max_digits > 7


def forbidden() -> list[str]:
    return [TEXT, *the_world.spellings(AMOUNT)]


@pytest.fixture
def world(db):
    return the_world.build()


def change_everything(project) -> set[str]:
    """Write the canaries into what may be written by itself; the models that were changed."""
    changed = set()
    for model in money_models():
        row = model._default_manager.filter(project=project).first()
        if row is None:
            continue
        said = words._descriptions.get(f"projects.{model._meta.model_name}", words.Description())
        values: dict[str, object] = {}
        for field in model._meta.fields:
            if amount(field) and field.name not in said.open_amounts:
                values[field.name] = AMOUNT
            elif said.needs == P.COST_VIEW and field.name in TEXTS:
                values[field.name] = TEXT
        for name, value in values.items():
            # One by one: what a constraint refuses is left alone.
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    model._default_manager.filter(pk=row.pk).update(**{name: value})
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            except DatabaseError:
                continue
            changed.add(f"{model._meta.model_name}.{name}")
    return changed


def without_cost(world):
    return [person for person in world.people if person.user and P.COST_VIEW not in (person.project or ())]


def test_the_feed_tells_changes_of_money_to_those_who_may_see_cost_only(world):
    changed = change_everything(world.project)
    assert {"budgetline.name", "expense.description", "order.supplier", "accrual.description"} <= changed
    assert {"budgetline.planned", "order.amount", "task.cost", "timeentry.cost", "risk.exposure"} <= changed
    path = reverse("projects:activity", args=[world.project.code])
    found, readers = [], 0
    for person in world.people:
        if not person.user:
            continue
        client = Client()
        client.force_login(person.user)
        content = client.get(path).content.decode()
        if P.COST_VIEW in (person.project or ()):
            readers += TEXT in content
            continue
        for text in forbidden():
            before, there, after = content.partition(text)
            found += [f"{person}: the feed shows …{before[-300:]}{text}{after[:80]}…"] if there else []
    assert not found, "\n".join(found)
    assert readers >= 3, "whoever may see cost reads of it, else the test above proves nothing"


def test_calendars_and_home_tell_nothing_of_money(world):
    change_everything(world.project)
    found = []
    for person in without_cost(world):
        client = Client()
        client.force_login(person.user)
        _feed, token = CalendarFeed.make(by=person.user, project=world.project)
        paths = [f"/calendars/{token}.ics", "/", reverse("projects:portfolio-money"), reverse("projects:list")]
        for path in paths:
            content = client.get(path, follow=True).content.decode(errors="replace")
            found += [f"{person}: {path} shows {text!r}" for text in forbidden() if text in content]
    assert not found, "\n".join(found)


def test_no_mail_carries_cost_to_somebody_who_may_not_see_it(world):
    project, manager = world.project, world.project.manager
    sponsor = project.memberships.get(role="sponsor").user
    outbox.drain()
    mail.outbox.clear()
    allowance = reserves.set_allowance(project, "reserve", by=sponsor, amount=AMOUNT * 3)
    line = project.budget_lines.first()
    for verb in (reserves.approve_draw, reserves.reject_draw):
        draw = reserves.request_draw(project, by=manager, allowance=allowance, line=line, amount=AMOUNT, reason=TEXT)
        outbox.drain()
        verb(Draw.objects.get(pk=draw.pk), by=sponsor, note=TEXT)
    order = orders.place_order(
        project,
        by=manager,
        line=line,
        supplier=TEXT,
        description=TEXT,
        amount=AMOUNT,
        ordered_on=world.things.now.date(),
    )
    accruals.record_receipt(order, by=manager, amount=AMOUNT, accrued_on=world.things.now.date())
    verbs.change_line(project.budget_lines.get(pk=line.pk), by=manager, name=TEXT)
    outbox.drain()
    assert len(mail.outbox) == 4
    for message in mail.outbox:
        (address,) = message.to
        reader = User.objects.get(email=address)
        text = message.subject + message.body + "".join(str(part.content) for part in message.alternatives)
        assert TEXT in text
        assert project.allows(reader, P.COST_VIEW), address
    # The same mails, written while the readers could see cost, after they no longer can.
    draw = reserves.request_draw(project, by=manager, allowance=allowance, line=line, amount=Decimal(1), reason=TEXT)
    project.memberships.filter(user=sponsor).delete()
    mail.outbox.clear()
    outbox.drain()
    assert mail.outbox == []
