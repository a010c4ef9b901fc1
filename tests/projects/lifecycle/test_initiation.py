import datetime

import pytest
from django.urls import reverse

from pmdm.accounts.roles import Role
from projects.lifecycle.models import Project
from tests.factories import make_cast, make_organisation, make_project, make_user

pytestmark = pytest.mark.django_db


def new_project(**changes):
    return {
        "code": "NCP",
        "name": "Claims portal",
        "goal": "Claims are settled in days.",
        "target_start": "2026-01-12",
        "target_finish": "2026-12-18",
        "approved_budget": "810000",
        "currency": "eur",
        **changes,
    }


def test_initiating_makes_five_phases_with_checklists():
    project = make_project(at=datetime.datetime(2025, 3, 1, 9, tzinfo=datetime.UTC))
    phases = {phase.kind: phase for phase in project.phases.all()}
    assert list(phases) == ["initiation", "planning", "execution", "monitoring", "closing"]
    assert phases["initiation"].state == "active"
    assert phases["initiation"].started_at == project.created_at
    assert {phase.state for kind, phase in phases.items() if kind != "initiation"} == {"pending"}
    assert all(phase.checklist.filter(required=True).exists() for phase in phases.values())


def test_alice_initiates_a_project_and_manages_it(client):
    alice, sam = make_user("Alice"), make_user("Sam")
    make_project(by=alice)
    client.force_login(alice)
    page = client.get(reverse("projects:new"))
    assert page.status_code == 200
    answer = client.post(reverse("projects:new"), new_project(manager=alice.pk, sponsor=sam.pk))
    project = Project.objects.get(code="NCP")
    assert answer.status_code == 302
    assert answer.url == project.get_absolute_url()
    assert project.currency == "EUR"
    assert (project.manager, project.sponsor, project.delivery_manager) == (alice, sam, None)
    assert project.created_by == alice


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"target_finish": "2026-01-01"}, "must not lie before"),
        ({"currency": "e1"}, "three letters"),
        ({"code": "no spaces"}, "capital letters"),
        ({"approved_budget": "-5"}, "greater than or equal to 0"),
        ({"name": ""}, "required"),
    ],
)
def test_bad_input_answers_422_keeps_what_was_typed_and_saves_nothing(client, changes, words):
    alice = make_user("Alice")
    make_project(by=alice)
    client.force_login(alice)
    answer = client.post(reverse("projects:new"), new_project(manager=alice.pk, **changes))
    assert answer.status_code == 422
    assert words in answer.text
    assert "Claims are settled in days." in answer.text
    assert Project.objects.count() == 1


def test_a_taken_code_names_a_free_one(client):
    alice = make_user("Alice")
    make_project(by=alice, code="PRJ-7000")
    client.force_login(alice)
    answer = client.post(reverse("projects:new"), new_project(code="PRJ-7000", manager=alice.pk))
    assert answer.status_code == 422
    assert "PRJ-7000 is taken. PRJ-7001 is free." in answer.text


def test_the_manager_cannot_be_the_sponsor_too(client):
    alice = make_user("Alice")
    make_project(by=alice)
    client.force_login(alice)
    answer = client.post(reverse("projects:new"), new_project(manager=alice.pk, sponsor=alice.pk))
    assert answer.status_code == 422
    assert "name somebody else" in answer.text


def test_bob_who_manages_nothing_may_not_initiate(client):
    project = make_project()
    client.force_login(make_cast(project).bob)
    assert client.get(reverse("projects:new")).status_code == 403
    assert client.post(reverse("projects:new"), new_project()).status_code == 403


def test_pia_from_the_pmo_initiates_for_somebody_else(client):
    pia, alice = make_user("Pia", site_role=Role.PMO), make_user("Alice")
    client.force_login(pia)
    client.post(reverse("projects:new"), new_project(manager=alice.pk))
    assert Project.objects.get(code="NCP").manager == alice
    assert not Project.objects.get(code="NCP").memberships.filter(user=pia).exists()


def test_a_clients_people_are_no_candidates(client):
    alice = make_user("Alice")
    cleo = make_user("Cleo", organisation=make_organisation())
    make_project(by=alice)
    client.force_login(alice)
    answer = client.post(reverse("projects:new"), new_project(manager=alice.pk, sponsor=cleo.pk))
    assert answer.status_code == 422
