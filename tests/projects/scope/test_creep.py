"""Added, changed and removed after the frozen baseline: listed and measured apart."""

import pytest

from projects.scope import baseline
from tests.factories import make_cast, make_project, make_requirement

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    project = make_project()
    people = make_cast(project)
    people.project = project
    people.url = project.get_absolute_url() + "scope-baseline/"
    people.rows = [approved(people, title=title) for title in ("One", "Two", "Three", "Four")]
    baseline.freeze(project, by=people.sam)
    return people


def approved(cast, **fields):
    requirement = make_requirement(cast.project, **fields)
    requirement.move_on("reviewed")
    requirement.approve(by=cast.sam)
    return requirement


def test_nothing_moved_is_no_volatility(cast):
    assert baseline.progress(cast.project).volatility == 0
    assert baseline.progress(make_project()).volatility is None


def test_each_kind_is_counted_and_listed_apart(client, cast):
    one, two, *_rest = cast.rows
    approved(cast, title="Late wish")
    draft = one.propose({"title": "One and a half"}, by=cast.alice, reason="Pilot")
    assert baseline.progress(cast.project).changed == 0  # a draft changes nothing
    draft.approve(by=cast.sam)
    two.take_out(by=cast.sam, reason="The law was repealed")
    progress = baseline.progress(cast.project)
    assert (progress.promised, progress.creep, progress.changed, progress.removed) == (4, 1, 1, 1)
    assert progress.volatility == 75
    client.force_login(cast.cleo)
    page = client.get(cast.url)
    assert [item.requirement.title for item in page.context["changed"]] == ["One and a half"]
    assert "frozen as version 1, now version 2" in page.text
    assert "The law was repealed" in page.text
    assert "Late wish" in page.text


def test_one_that_was_changed_and_removed_counts_once(cast):
    one = cast.rows[0]
    one.propose({"title": "Other"}, by=cast.alice, reason="Pilot").approve(by=cast.sam)
    one.take_out(by=cast.sam, reason="Not needed")
    progress = baseline.progress(cast.project)
    assert (progress.changed, progress.removed) == (0, 1)


def test_earlier_baselines_stay_readable(client, cast):
    cast.rows[0].propose({"title": "Other"}, by=cast.alice, reason="Pilot").approve(by=cast.sam)
    baseline.freeze(cast.project, by=cast.sam)
    assert baseline.progress(cast.project).changed == 0
    client.force_login(cast.bob)
    old = client.get(cast.url, {"baseline": "1"})
    assert {(item.title, item.version.number) for item in old.context["items"]} >= {("One", 1)}
    assert "superseded" in old.text
    new = client.get(cast.url, {"baseline": "no number"}).context["items"]
    assert {(item.title, item.version.number) for item in new} >= {("Other", 2)}
