import pytest
from django.core.exceptions import ValidationError

from projects.scope import baseline
from tests.factories import make_cast, make_project, make_requirement

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    project = make_project()
    people = make_cast(project)
    people.project = project
    people.url = project.get_absolute_url() + "scope-baseline/"
    return people


def approved(cast, **fields):
    requirement = make_requirement(cast.project, **fields)
    requirement.move_on("reviewed")
    requirement.approve(by=cast.sam)
    return requirement


def test_freezes_what_is_approved(client, cast):
    one, _draft = approved(cast, title="Export", priority="should"), make_requirement(cast.project)
    client.force_login(cast.sam)
    assert client.post(cast.url).status_code == 302
    frozen = cast.project.scope_baselines.get()
    assert (frozen.number, frozen.is_active, frozen.frozen_by) == (1, True, cast.sam)
    item = frozen.items.get()
    assert (item.requirement, item.title, item.priority) == (one, "Export", "should")
    assert client.get(cast.url).status_code == 200


def test_a_new_baseline_takes_the_next_number_and_the_old_one_stays(cast):
    approved(cast)
    first = baseline.freeze(cast.project, by=cast.sam)
    approved(cast)
    second = baseline.freeze(cast.project, by=cast.sam)
    first.refresh_from_db()
    assert (second.number, second.is_active, first.is_active) == (2, True, False)
    assert (first.items.count(), second.items.count()) == (1, 2)


def test_nothing_approved_freezes_nothing(client, cast):
    make_requirement(cast.project)
    client.force_login(cast.sam)
    answer = client.post(cast.url)
    assert answer.status_code == 422
    assert "No requirement is approved yet" in answer.text
    assert not cast.project.scope_baselines.exists()


def test_creep_and_delivered_are_counted_against_the_active_baseline(client, cast):
    one, _two = approved(cast), approved(cast)
    baseline.freeze(cast.project, by=cast.sam)
    late = approved(cast, title="One more thing")
    one.add_criterion("Works")
    one.move_on("built")
    line = one.criteria.get()
    line.requirement = one
    line.record("pass", by=cast.dora, evidence="Seen")
    one.verify(by=cast.dora)
    progress = baseline.progress(cast.project)
    assert (progress.promised, progress.verified, progress.creep, progress.percent) == (2, 1, 1, 50)
    client.force_login(cast.cleo)
    assert "One more thing" in client.get(cast.url).text
    shown = client.get(cast.project.get_absolute_url() + "requirements/", {"creep": "on"}).context["page"].rows
    assert shown == [late]


def test_what_the_baseline_holds_stays_promised(cast):
    one = approved(cast)
    baseline.freeze(cast.project, by=cast.sam)
    with pytest.raises(ValidationError, match="in the scope baseline"):
        one.withdraw_approval(by=cast.sam)
    late = approved(cast)
    late.withdraw_approval(by=cast.sam)
    assert (late.state, late.approved_by) == ("reviewed", None)


@pytest.mark.parametrize("name", ["bob", "dora", "stella", "cleo"])
def test_others_do_not_freeze(client, cast, name):
    approved(cast)
    client.force_login(getattr(cast, name))
    assert client.post(cast.url).status_code == 403
