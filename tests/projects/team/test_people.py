"""A person's page: skills, hours, absences and rates, each for those whose business it is."""

import datetime
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from pmdm.accounts.models import Skill
from pmdm.worktime import verbs as worktime
from pmdm.worktime.models import Absence
from projects.budget.models import Rate
from projects.budget.verbs import set_rate
from tests.factories import make_cast, make_organisation, make_project, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
DAY = datetime.timedelta(days=1)


@pytest.fixture
def project(db):
    return make_project()


@pytest.fixture
def people(project):
    return make_cast(project)


def url(user, name="person", *args):
    return reverse(f"projects:{name}", args=[user.pk, *args])


def test_people_edit_their_own_skills_and_absences(client, people):
    skill = Skill.objects.create(name="Masonry")
    client.force_login(people.bob)
    assert client.post(url(people.bob, "person-skills"), {"skill": skill.pk, "level": 3}).status_code == 302
    assert client.post(url(people.bob, "person-skills"), {"skill": skill.pk, "level": 4}).status_code == 302
    assert people.bob.skills.get().level == 4
    away = {"first": TODAY, "last": TODAY + 3 * DAY, "kind": "sick", "part": "day", "note": "Flu"}
    assert client.post(url(people.bob, "person-absences"), away).status_code == 302
    page = client.get(url(people.bob)).content.decode()
    for text in ("Masonry", "Expert", "Sick", "Flu"):
        assert text in page
    again = client.post(url(people.bob, "person-absences"), {**away, "note": "Kept"})
    assert again.status_code == 422
    assert "Absent already" in again.content.decode()
    assert "Kept" in again.content.decode()
    absence = people.bob.absences.get()
    assert client.post(url(people.bob, "person-absence-removal", absence.pk)).status_code == 302
    assert client.post(url(people.bob, "person-skill-removal", skill.pk)).status_code == 302
    assert not people.bob.absences.exists()


def test_colleagues_see_that_somebody_is_absent_not_why(client, people):
    people.bob.absences.create(first=TODAY, last=TODAY, kind="sick", note="Flu")
    client.force_login(people.alice)
    page = client.get(url(people.bob)).content.decode()
    assert "absent" in page
    assert "Sick" not in page
    assert "Flu" not in page
    client.force_login(people.admin)
    assert "Flu" in client.get(url(people.bob)).content.decode()


@pytest.mark.parametrize("name", ["person-skills", "person-absences", "person-hours", "person-rates"])
@pytest.mark.parametrize("who", ["alice", "pmo", "charlie", "cleo"])
def test_others_change_nothing(client, people, name, who):
    client.force_login(getattr(people, who))
    assert client.post(url(people.bob, name), {}).status_code == 404


def test_hours_and_rates_are_the_administrators(client, people):
    client.force_login(people.bob)
    assert client.post(url(people.bob, "person-hours"), {}).status_code == 404
    client.force_login(people.admin)
    values = {"valid_from": TODAY, "calendar": "", "percent": "120"}
    assert client.post(url(people.bob, "person-hours"), values).status_code == 422
    assert client.post(url(people.bob, "person-hours"), {**values, "percent": "80"}).status_code == 302
    assert people.bob.working_hours.get().percent == 80
    rate = {"hourly": "88.50", "currency": "eur", "valid_from": TODAY}
    assert client.post(url(people.bob, "person-rates"), rate).status_code == 302
    assert Rate.objects.get().currency == "EUR"


def test_rates_are_seen_by_those_who_see_cost(client, people):
    set_rate(people.bob, by=people.alice, hourly=D("77.77"), currency="EUR", valid_from=TODAY)
    seen = {}
    for name in ("bob", "dora", "charlie", "alice", "sam", "stella", "pmo", "admin"):
        client.force_login(getattr(people, name))
        seen[name] = "77.77" in client.get(url(people.bob)).content.decode()
    assert [name for name, sees in seen.items() if sees] == ["alice", "sam", "stella", "pmo", "admin"]


def test_strangers_and_clients_find_nobody(client, people):
    client.force_login(people.charlie)
    assert client.get(url(people.bob)).status_code == 404
    assert client.get(url(people.charlie)).status_code == 200
    client.force_login(make_user("Out", organisation=make_organisation()))
    assert client.get(url(people.bob)).status_code == 404


# What the database holds


def test_half_days_meet_and_whole_days_do_not(people):
    add = worktime.add_absence
    add(people.bob, by=people.bob, first=TODAY, part="morning")
    add(people.bob, by=people.bob, first=TODAY, part="afternoon")
    for part in Absence.Part.values:
        with pytest.raises(ValidationError):
            add(people.bob, by=people.bob, first=TODAY, part=part)
    with pytest.raises(ValidationError, match="one by one"):
        add(people.bob, by=people.bob, first=TODAY + DAY, last=TODAY + 2 * DAY, part="morning")


@pytest.mark.parametrize(
    ("first", "last", "part", "refused"),
    [
        (0, 0, "day", True), (-3, 0, "day", True), (2, 9, "day", True), (3, 3, "day", False), (-1, -1, "day", False),
        (1, 1, "morning", True), (2, 2, "afternoon", True),
    ],
)  # fmt: skip
def test_absences_never_overlap(people, first, last, part, refused):
    make = people.bob.absences.create
    make(first=TODAY, last=TODAY + 2 * DAY)
    if refused:
        with pytest.raises(IntegrityError, match="absence_no_overlap"), transaction.atomic():
            make(first=TODAY + first * DAY, last=TODAY + last * DAY, part=part)
    else:
        make(first=TODAY + first * DAY, last=TODAY + last * DAY, part=part)
    people.alice.absences.create(first=TODAY, last=TODAY)


def test_no_day_has_two_rates(people):
    for number, day in enumerate((TODAY, TODAY - 30 * DAY, TODAY + 30 * DAY, TODAY - 10 * DAY)):
        set_rate(people.bob, by=people.alice, hourly=D(50 + number), currency="EUR", valid_from=day)
    rates = list(people.bob.rates.order_by("valid_from").values_list("hourly", "valid_from", "valid_until"))
    assert [row[0] for row in rates] == [51, 53, 50, 52]
    assert [row[2] for row in rates] == [row[1] for row in rates[1:]] + [None]
    with pytest.raises(IntegrityError, match="rate_no_overlap"), transaction.atomic():
        people.bob.rates.create(hourly=1, valid_from=TODAY + DAY)
    people.bob.rates.create(hourly=1, valid_from=TODAY, currency="USD")
