"""A client of one organisation never learns of another's: every route of the site, search, downloads, mail.

The world has one product with two clients. Whatever carries one client's words is asked for as the other, as a page and
as a fragment, and with the other's own things in the address.
"""

import re
from types import SimpleNamespace

import pytest
from django.core import mail as django_mail
from django.test import Client

from delivery.models import Issue, Membership
from handover.models import Announcement
from pmdm.accounts.models import Organisation
from pmdm.jobs import outbox
from tests import factories
from tests.test_access import OURS, asked_whole, path_of, said, world  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db

# Words of the first client, on whatever can carry some.
WORD = "northwindish"


@pytest.fixture
def rival(world, db):  # noqa: F811
    """Somebody of the other client of the world's product; and the first client's word on everything."""
    organisation = Organisation.objects.get(name="Rival Client")
    user = factories.make_user("Rita Rival", organisation=organisation)
    world.product.clients.add(organisation)
    Membership.objects.create(product=world.product, user=user, role="client")
    own = factories.make_user("Nora Northwindish", organisation=world.things.client)
    Membership.objects.create(product=world.product, user=own, role="client")
    things = world.things
    Issue.objects.filter(pk=things.product_issue.pk).update(title=f"{WORD} issue", description=WORD, reported_by=own)
    issue = Issue.objects.get(pk=things.product_issue.pk)
    issue.add_note(by=own, text=f"{WORD} note")
    Announcement.objects.create(
        product=world.product, title=f"{WORD} news", text="x", organisation=things.client, created_by=things.person
    )
    Announcement.objects.create(
        product=world.product, title=f"{WORD} for us", text=f"{WORD}", audience="staff", created_by=things.person
    )
    issue.mails.update(subject=f"{WORD} mail")
    browser = Client(raise_request_exception=False)
    browser.force_login(user)
    return SimpleNamespace(user=user, client=browser)


FORBIDDEN = re.compile(rf"{WORD}|Northwind Client", re.IGNORECASE)


def test_no_route_tells_one_client_of_another(rival, world):  # noqa: F811
    told, reached = [], 0
    for route in OURS:
        path = path_of(route, world)
        for headers in ({}, {"HTTP_HX_REQUEST": "true"}):
            answer = asked_whole(rival, "GET", path, **headers)
            reached += answer.status_code == 200
            if found := FORBIDDEN.search(said(answer)):
                told.append(f"{path} {headers}: {found[0]}")
            if answer.status_code >= 500 and route != "readyz":
                told.append(f"{path} broke with {answer.status_code}")
    assert not told, "\n".join(told)
    assert reached > 20, "the walk found pages to read"


def test_nor_do_the_words_one_may_ask_by(rival, world):  # noqa: F811
    # Not the whole word: what was typed is shown again.
    part, number = WORD[:-1], world.things.product_issue.number
    for path in (
        f"/search/?q={part}", f"/search/?q=ISS-{number}", f"/search/?q=PLANET+ISS-{number}", "/search/?q=Northwind",
        f"/products/issues/?q={part}", f"/products/PLANET/issues/?q={part}", f"/products/PLANET/issues/?q={number}",
        f"/products/PLANET/issues/new/?title={part}+issue", f"/products/PLANET/issues/known-gaps/?title={part}+issue",
        "/products/PLANET/issues/?columns=organisation", "/products/issues/?group=organisation&columns=organisation",
        "/portal/", "/portal/clients/",
    ):  # fmt: skip
        for headers in ({}, {"HTTP_HX_REQUEST": "true"}):
            answer = asked_whole(rival, "GET", path, **headers)
            assert not FORBIDDEN.search(said(answer)), path
            assert f"/issues/{number}/" not in answer.headers.get("Location", ""), path


def test_nor_can_one_write_into_what_is_anothers(rival, world):  # noqa: F811
    issue = world.things.product_issue
    base = f"/products/PLANET/issues/{issue.number}/"
    for path in (base, f"{base}notes/", f"{base}reopening/", f"{base}attachments/{world.things.mail_file.key}/"):
        assert asked_whole(rival, "POST", path).status_code in (403, 404, 405), path
        assert asked_whole(rival, "GET", path).status_code == 404, path


def test_nor_does_mail_tell(rival, world):  # noqa: F811
    """An answer goes to its reporter alone, and names nobody of another client."""
    issue = Issue.objects.get(pk=world.things.product_issue.pk)
    issue.respond(by=world.things.person, text=f"{WORD} answer")
    theirs = Issue.report(world.product, by=rival.user, title="Ours")
    theirs.respond(by=world.things.person, text="We look")
    outbox.drain()
    by_address = {out.to[0]: out.message().as_string() for out in django_mail.outbox}
    assert not FORBIDDEN.search(by_address[rival.user.email])
    assert {address for address, words in by_address.items() if FORBIDDEN.search(words)} <= {issue.reported_by.email}
