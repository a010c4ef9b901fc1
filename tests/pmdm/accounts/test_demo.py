"""One-click sign-in: in demo mode, from this machine, and nowhere else."""

import pytest
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora():
    return factories.make_user("Dora Demo", is_demo=True, job_title="Delivery manager")


@pytest.fixture
def demo(settings):
    settings.DEMO = True


def test_it_is_not_there_without_demo_mode(client, dora):
    assert client.get(reverse("accounts:demo")).status_code == 404
    assert client.post(reverse("accounts:demo-sign-in"), {"person": dora.pk}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_one_click_signs_in(client, dora, demo):
    assert b"Dora Demo" in client.get(reverse("account_login")).content
    response = client.post(reverse("accounts:demo-sign-in"), {"person": dora.pk})
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(dora.pk)


def test_changing_the_role_changes_the_person(client, dora, demo):
    other = factories.make_user("Sam", is_demo=True)
    client.force_login(other)
    client.post(reverse("accounts:demo-sign-in"), {"person": dora.pk})
    assert client.session["_auth_user_id"] == str(dora.pk)


@pytest.mark.parametrize(
    "elsewhere",
    [{"REMOTE_ADDR": "192.0.2.7"}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, {"REMOTE_ADDR": ""}],
)
def test_it_is_not_there_from_elsewhere(client, dora, demo, elsewhere):
    assert client.post(reverse("accounts:demo-sign-in"), {"person": dora.pk}, **elsewhere).status_code == 404
    assert b"Dora Demo" not in client.get(reverse("account_login"), **elsewhere).content


@pytest.mark.parametrize("person", ["", "x", "-1", "999999", "1' OR 1=1"])
def test_others_than_demo_accounts_are_not_to_be_had(client, demo, person):
    real = factories.make_user("Real Person")
    for asked in (person, real.pk):
        assert client.post(reverse("accounts:demo-sign-in"), {"person": asked}).status_code == 404


def test_signing_in_needs_a_post(client, dora, demo):
    assert client.get(reverse("accounts:demo-sign-in"), {"person": dora.pk}).status_code == 405


def test_every_page_says_that_it_is_a_demo(client, dora, demo):
    client.force_login(dora)
    assert b"made-up company" in client.get(reverse("accounts:profile")).content
