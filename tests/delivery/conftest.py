"""A product that two client organisations use, and everybody around it.

Dora manages delivery, Sue supports, Bob is a member, Stella a stakeholder. Cleo is a client of Northwind, Olga one of
Contoso: neither may learn of the other's issues. Charlie is a stranger.
"""

import datetime
from types import SimpleNamespace

import pytest
from django.utils import timezone

from delivery.models import Incident, Issue, KnownGap, Product, Release, Requirement, Risk, Survey
from pmdm.accounts.roles import Role
from pmdm.worktime.models import Calendar
from tests.factories import make_organisation, make_user

DAY = datetime.timedelta(days=1)


@pytest.fixture
def northwind(db):
    return make_organisation("Northwind")


@pytest.fixture
def contoso(db):
    return make_organisation("Contoso")


@pytest.fixture
def dora(db):
    return make_user("Dora Delivery")


@pytest.fixture
def office_hours(db):
    """Monday to Friday, 09:00 to 17:00 in Berlin: a day of service has 8 hours."""
    week = {str(day): [["09:00", "17:00"]] for day in range(5)}
    return Calendar.objects.create(name="Office hours", week=week, time_zone="Europe/Berlin")


@pytest.fixture
def product(dora, northwind, contoso):
    return Product.launch(
        by=dora,
        code="CLAIMS",
        name="Claims portal",
        stage="live",
        live_on=timezone.localdate() - 200 * DAY,
        clients=[northwind, contoso],
        at=timezone.now() - 200 * DAY,
    )


@pytest.fixture
def people(product, dora, northwind, contoso):
    cast = SimpleNamespace(
        dora=dora,
        sue=make_user("Sue Support"),
        bob=make_user("Bob Member"),
        stella=make_user("Stella Stakeholder"),
        cleo=make_user("Cleo Client", organisation=northwind),
        olga=make_user("Olga Other", organisation=contoso),
        charlie=make_user("Charlie Stranger"),
        pmo=make_user("Pia Office", site_role=Role.PMO),
        admin=make_user("Ada Admin", site_role=Role.ADMIN),
    )
    for name, role in (
        ("sue", Role.SUPPORT),
        ("bob", Role.MEMBER),
        ("stella", Role.STAKEHOLDER),
        ("cleo", Role.CLIENT),
        ("olga", Role.CLIENT),
    ):
        product.add_member(getattr(cast, name), role, by=dora)
    return cast


@pytest.fixture
def world(product, people):
    """One of everything, with an issue of each client and an internal word on Cleo's."""
    requirement = Requirement.objects.create(product=product, title="Claims are paid within a day")
    cleos = Issue.report(
        product, by=people.cleo, title="Northwind cannot pay claims", type="bug", severity=1, requirement=requirement
    )
    cleos.add_note(by=people.dora, text="Secret suspicion about the bank", is_internal=True)
    cleos.respond(by=people.dora, text="We are looking into it")
    olgas = Issue.report(product, by=people.olga, title="Contoso sees slow pages", type="performance")
    release = Release.objects.create(product=product, name="1.2", state="released", released_on=timezone.localdate())
    solved = Issue.report(product, by=people.olga, title="Contoso export was empty", type="bug")
    solved.resolve(by=people.sue, resolution="Exported again", root_cause="A wrong date", fixed_in=release)
    gap = KnownGap.accept(product, by=people.dora, title="No bulk payment", workaround="Pay one by one")
    risk = Risk.raise_risk(product, by=people.dora, title="Bank interface retires", probability=3, impact=4)
    incident = Incident.begin(
        product, by=people.dora, title="Portal down", started_at=timezone.now() - datetime.timedelta(hours=5)
    )
    incident.end(by=people.dora, at=timezone.now() - datetime.timedelta(hours=4))
    survey = Survey.open_wave(product, by=people.dora, name="Autumn")
    survey.invite([(people.cleo.email, people.cleo.organisation)], by=people.dora)
    return SimpleNamespace(
        product=product,
        people=people,
        requirement=requirement,
        cleos=cleos,
        olgas=olgas,
        solved=solved,
        release=release,
        gap=gap,
        risk=risk,
        incident=incident,
        survey=survey,
    )


@pytest.fixture
def as_user(client):
    """``as_user(person)`` is a browser signed in as this person."""

    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in
