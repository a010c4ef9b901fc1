"""A request that was never submitted is for who wrote it and for who assesses: on no surface is it told to others."""

import pghistory
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from pmdm.activity.feed import recent
from projects.changes import items, register
from projects.changes.impact import compute
from projects.changes.models import ChangeRequest

TITLE = "Dismiss the supplier"


def acting(user, request):
    return pghistory.context(user=user.pk, request=request)


def told(world, user, limit=20):
    return [str(entry) for entry in recent(world.project, user, limit)]


def test_its_title_is_in_the_activity_of_those_who_may_read_it(world):
    dora = world.people.dora
    with acting(world.people.bob, "asked"):
        draft = world.change(title=TITLE)
    with acting(world.people.alice, "computed"):
        compute(draft, by=world.people.alice)
    for person, reads in (
        (world.people.bob, True),
        (world.people.alice, True),
        (dora, False),
        (world.people.sam, False),
    ):
        lines = told(world, person)
        assert any(TITLE in line for line in lines) == reads, person
        assert any("CR-1" in line for line in lines) == reads, "nor what points at it"
    with acting(world.people.bob, "submitted"):
        draft.submit(by=world.people.bob)
    assert any(TITLE in line for line in told(world, dora)), "from its submission on it is for all"


def test_what_is_left_out_shortens_no_page_of_the_feed(world):
    dora = world.people.dora
    for number in range(3):
        with acting(world.people.bob, f"asked {number}"):
            world.change(title=f"{TITLE} {number}")
    with acting(world.people.alice, "risk"):
        world.project.risks.create(title="Late")
    with acting(world.people.bob, "again"):
        world.change(title=TITLE)
    (line,) = told(world, dora, limit=1)
    assert "Late" in line
    assert len(told(world, dora, limit=3)) == 3


def test_withdrawn_before_it_was_submitted_it_stays_private(client, world):
    draft = world.change(title=TITLE)
    draft.withdraw(by=world.people.bob, note="Better not.")
    page, listed = (reverse(f"projects:{name}", args=[world.project.code, *args]) for name, args in (
        ("change-detail", [draft.number]), ("change-list", []),
    ))  # fmt: skip
    for person, reads in ((world.people.bob, True), (world.people.alice, True), (world.people.dora, False)):
        client.force_login(person)
        assert (client.get(page).status_code == 200) == reads
        assert (TITLE in client.get(listed, {"state": "all"}).text) == reads
        assert bool(register.find(person, ["Dismiss"], 5)) == reads
        assert bool(register.jump(person, world.project.code, "CR", draft.number)) == reads
        assert any(TITLE in line for line in told(world, person)) == reads


def test_what_it_affects_is_said_once_it_is_submitted(client, world):
    """A version or a trace on a requirement would tell its title to all who read the requirement."""
    draft, alice = world.change(title=TITLE), world.people.alice
    with pytest.raises(ValidationError, match="CR-1 is a draft"):
        items.change_requirement(draft, world.req("Login"), {"text": "Longer"}, by=alice)
    assert not world.req("Login").versions.filter(reason__contains=TITLE).exists()
    client.force_login(alice)
    address = reverse("projects:change-requirement-new", args=[world.project.code, 1, "add"])
    assert address not in client.get(draft.get_absolute_url()).text
    answer = client.post(address, {"title": "X", "text": "Y", "type": "functional", "priority": "must"})
    assert answer.status_code == 422
    assert "CR-1 is a draft" in answer.text
    assert not ChangeRequest.objects.get().requirements.exists()
