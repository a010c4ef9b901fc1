"""Who joins, changes role, leaves; rates; who is who in the plan."""

from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pmdm.accounts.roles import Role
from projects.budget.models import Rate
from projects.team import verbs
from tests.factories import join, make_cast, make_organisation, make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(db):
    return make_project(client=make_organisation("Northwind"))


@pytest.fixture
def people(project):
    return make_cast(project, organisation=project.client)


def url(project, name="team", *args):
    return reverse(f"projects:{name}", args=[project.code, *args])


def roles(project, user):
    return set(project.memberships.filter(user=user).values_list("role", flat=True))


def test_naming_another_manager_moves_the_role_on(project, people):
    verbs.give_role(project, by=people.alice, user=people.bob, role="manager")
    assert roles(project, people.alice) == {"member"}
    assert roles(project, people.bob) == {"manager", "member"}


def test_a_former_manager_who_is_a_member_already_stays_one(project, people):
    join(project, people.alice, Role.MEMBER)
    verbs.give_role(project, by=people.alice, user=people.bob, role="manager")
    assert roles(project, people.alice) == {"member"}


@pytest.mark.parametrize("act", [verbs.remove, lambda row, by: verbs.change_role(row, by=by, role="member")])
def test_the_last_manager_cannot_go(project, people, act):
    membership = project.memberships.get(role="manager")
    with pytest.raises(ValidationError, match="Name another"):
        act(membership, by=people.alice)
    assert project.memberships.filter(role="manager").count() == 1


def test_people_of_a_client_are_clients_only(project, people):
    with pytest.raises(ValidationError, match="only be Client"):
        verbs.give_role(project, by=people.alice, user=people.cleo, role="member")
    with pytest.raises(ValidationError, match="only be Client"):
        verbs.change_role(project.memberships.get(user=people.cleo), by=people.alice, role="stakeholder")


def test_a_role_is_given_once(project, people):
    with pytest.raises(ValidationError, match="already"):
        verbs.give_role(project, by=people.alice, user=people.bob, role="member")


def test_whoever_left_cannot_join(project, people):
    gone = make_user("Gone", is_active=False)
    with pytest.raises(ValidationError, match="has left"):
        verbs.give_role(project, by=people.alice, user=gone, role="member")


def test_the_page_by_role(client, project, people):
    client.force_login(people.bob)
    page = client.get(url(project)).content.decode()
    assert "Project manager" in page
    assert people.sam.email in page
    assert "Rates" not in page
    assert "Change role" not in page


def test_a_client_sees_no_team(client, project, people):
    client.force_login(people.cleo)
    assert client.get(url(project)).status_code == 403
    client.force_login(people.charlie)
    assert client.get(url(project)).status_code == 404


def test_the_manager_adds_changes_and_removes(client, project, people):
    client.force_login(people.alice)
    assert client.post(url(project), {"user": people.charlie.pk, "role": "member"}).status_code == 302
    membership = project.memberships.get(user=people.charlie)
    assert client.post(url(project), {"user": people.charlie.pk, "role": "member"}).status_code == 422
    assert client.post(url(project, "team-member", membership.pk), {"role": "stakeholder"}).status_code == 302
    assert roles(project, people.charlie) == {"stakeholder"}
    assert client.post(url(project, "team-member", membership.pk), {"role": "king"}).status_code == 422
    assert client.post(url(project, "team-member-removal", membership.pk)).status_code == 302
    assert roles(project, people.charlie) == set()
    manager = project.memberships.get(role="manager")
    assert client.post(url(project, "team-member-removal", manager.pk)).status_code == 422


def test_members_may_not(client, project, people):
    client.force_login(people.bob)
    manager = project.memberships.get(role="manager")
    assert client.post(url(project), {"user": people.charlie.pk, "role": "member"}).status_code == 403
    for name in ("team-member", "team-member-removal"):
        assert client.post(url(project, name, manager.pk), {"role": "member"}).status_code == 403
    assert client.post(url(project, "team-rates"), {}).status_code == 403


def test_people_of_other_clients_are_not_offered(client, project, people):
    make_user("Rival Person", organisation=make_organisation("Rival"))
    client.force_login(people.alice)
    page = client.get(url(project)).content.decode()
    assert "Rival Person" not in page
    assert people.cleo.name in page


def test_a_membership_of_another_project_is_not_found(client, project, people):
    other = make_project()
    client.force_login(people.alice)
    foreign = other.memberships.first()
    assert client.post(url(project, "team-member-removal", foreign.pk)).status_code == 404


def test_rates_are_set_and_seen_by_those_who_edit_cost(client, project, people):
    client.force_login(people.alice)
    values = {"user": people.bob.pk, "hourly": "77.50", "valid_from": "2026-01-01"}
    assert client.post(url(project, "team-rates"), {**values, "hourly": "-1"}).status_code == 422
    assert client.post(url(project, "team-rates"), {**values, "user": people.charlie.pk}).status_code == 422
    assert client.post(url(project, "team-rates"), values).status_code == 302
    assert client.post(url(project, "team-rates"), {**values, "hourly": "80"}).status_code == 302
    assert Rate.objects.get().hourly == D(80)
    assert "€80.00" in client.get(url(project)).content.decode()
    client.force_login(people.sam)
    assert "€80.00" not in client.get(url(project)).content.decode()


def test_a_resource_of_the_plan_is_matched(client, project, people):
    resource = project.resources.create(uid=1, name="Builder")
    client.force_login(people.alice)
    assert client.post(url(project, "team-resource", 1), {"user": people.charlie.pk}).status_code == 422
    assert client.post(url(project, "team-resource", 1), {"user": people.bob.pk}).status_code == 302
    resource.refresh_from_db()
    assert resource.user == people.bob


def test_queries_stay_the_same_from_3_to_300_people(client, project, people):
    client.force_login(people.alice)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(url(project))
        return len(captured)

    few = queries()
    for _ in range(300):
        join(project, make_user(), Role.MEMBER)
    assert queries() == few <= 30
