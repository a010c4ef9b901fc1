"""Parents whose children follow, problems behind issues: what is resolved and closed with them, and who sees it."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from delivery.issues import family
from delivery.issues.queue import bulk
from delivery.models import Issue, Problem, Product, Release
from delivery.moves import NotNow

pytestmark = pytest.mark.django_db

URL = "/products/CLAIMS/"


def report(product, people, title="Login fails", **fields):
    return Issue.report(product, by=fields.pop("by", people.dora), title=title, **fields)


@pytest.fixture
def three(product, people):
    return [report(product, people) for _number in range(3)]


def states(*rows):
    return [type(row).objects.get(pk=row.pk).state for row in rows]


# --- Parents ----------------------------------------------------------------------------------------------


def test_children_follow_their_parent_where_that_is_chosen(product, people, three):
    parent, child, gone = three
    release = Release.objects.create(product=product, name="2.0")
    for each in (child, gone):
        family.attach(each, parent, by=people.sue)
    gone.resolve(by=people.sue, resolution="By itself")
    count = family.resolve(parent, by=people.sue, resolution="Restarted", fixed_in=release, with_children=True)
    child.refresh_from_db()
    assert (count, child.state, child.resolution, child.fixed_in) == (1, "resolved", "Restarted", release)
    assert child.responded_at
    assert not child.escalations.waiting().exists()
    gone.refresh_from_db()
    assert gone.resolution == "By itself"


def test_or_stay_open(people, three):
    family.attach(three[1], three[0], by=people.sue)
    assert family.resolve(three[0], by=people.sue, resolution="Only this") == 0
    assert states(*three) == ["resolved", "new", "new"]


def test_there_is_one_level(product, people, three):
    first, second, third = three
    family.attach(third, second, by=people.sue)
    family.attach(second, first, by=people.sue)
    third.refresh_from_db()
    assert third.parent == first, "its children follow to that one"
    elsewhere = report(Product.launch(by=people.dora, code="OTHER", name="Other"), people)
    for of in (third, first, elsewhere):
        with pytest.raises(ValidationError):
            family.attach(first, of, by=people.sue)
    family.detach(third, by=people.sue)
    third.resolve(by=people.sue, resolution="-")
    with pytest.raises(NotNow):
        family.attach(third, first, by=people.sue)
    with pytest.raises(IntegrityError), transaction.atomic():
        Issue.objects.filter(pk=first.pk).update(parent=first.pk)


@pytest.mark.django_db(transaction=True)
def test_two_that_are_attached_at_once_are_not_each_others_children(product, people):
    one, two = report(product, people), report(product, people)
    gate, refused = threading.Barrier(2), []

    def attach(this, to):
        try:
            gate.wait()
            family.attach(Issue.objects.get(pk=this), Issue.objects.get(pk=to), by=people.sue)
        except ValidationError:
            refused.append(this)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=attach, args=pair) for pair in ((one.pk, two.pk), (two.pk, one.pk))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Issue.objects.exclude(parent=None).count() == 1


def test_on_a_bad_monday_the_queue_gives_all_of_them_a_parent(product, people, three, as_user):
    wanted = {issue.pk: None for issue in three}
    done = bulk.apply(wanted, "parent", "iss-1", by=people.sue)
    assert [row["issue"] for row in done.refused] == [three[0].pk]
    assert three[0].children.count() == 2
    for number in ("ISS-99", "nonsense", str(three[1].number)):
        assert len(bulk.apply({three[0].pk: None}, "parent", number, by=people.sue).refused) == 1, number
    bulk.undo(done.pk, by=people.sue)
    assert three[0].children.count() == 0
    form = {"issue": [f"{three[1].pk}:"], "field": "parent", "value": "ISS-1"}
    assert "1 changed, 0 refused" in as_user(people.sue).post("/products/issues/edits/", form).content.decode()


# --- Problems ---------------------------------------------------------------------------------------------


def test_a_problem_from_suspicion_to_its_end(product, people, three):
    problem = Problem.raise_problem(product, by=people.sue, title="Sessions are lost", issues=three[:2])
    problem.investigate(by=people.bob)
    with pytest.raises(ValidationError):
        problem.publish(by=people.bob, title="Login", root_cause="A leak", workaround=" ")
    gap = problem.publish(by=people.bob, title="Login fails at times", root_cause="A leak", workaround="Try again")
    assert [gap.title for gap in product.known_gaps.like("my login fails")] == ["Login fails at times"]
    with pytest.raises(ValidationError):
        problem.resolve(by=people.bob, resolution="")
    assert problem.resolve(by=people.bob, resolution="Leak closed", with_issues=True) == 2
    gap.refresh_from_db()
    assert gap.closed_at
    assert states(*three) == ["resolved", "resolved", "new"]
    assert problem.close(by=people.bob, with_issues=True) == 2
    assert states(problem, *three) == ["closed", "closed", "closed", "new"]
    problem.reopen(by=people.bob, reason="Back again")
    assert states(problem, three[0]) == ["investigating", "closed"]
    assert problem.notes.get().text == "Back again"


def test_its_issues_may_stay_as_they_are(product, people, three):
    problem = Problem.raise_problem(product, by=people.sue, title="Lost", issues=three)
    assert problem.resolve(by=people.sue, resolution="Done", root_cause="A leak") == 0
    assert problem.close(by=people.sue) == 0
    assert states(*three) == ["new", "new", "new"]
    with pytest.raises(NotNow):
        problem.link(three[0], by=people.sue)


def test_the_database_knows_what_a_known_error_is(product, people):
    problem = Problem.raise_problem(product, by=people.sue, title="Lost")
    with pytest.raises(IntegrityError), transaction.atomic():
        Problem.objects.filter(pk=problem.pk).update(state="known_error")
    with pytest.raises(ValidationError):
        problem.resolve(by=people.sue, resolution="Gone")  # without a cause


def test_what_is_resolved_together_costs_the_same_for_many(product, people):
    def queries(count):
        issues = [report(product, people) for _number in range(count)]
        problem = Problem.raise_problem(product, by=people.sue, title="Lost", issues=issues)
        with CaptureQueriesContext(connection) as captured:
            assert problem.resolve(by=people.sue, resolution="Done", root_cause="-", with_issues=True) == count
        return len(captured)

    queries(1)
    assert queries(12) <= queries(2)


def test_bulk_resolution_ends_known_errors_and_undo_brings_them_back(product, people, three):
    gap = three[0].publish_known_error(by=people.sue, title="Login", workaround="Try again")
    done = bulk.apply({three[0].pk: None}, "state", "resolved", "Fixed", by=people.sue)
    gap.refresh_from_db()
    assert gap.closed_at == done.at
    bulk.undo(done.pk, by=people.sue)
    gap.refresh_from_db()
    assert gap.closed_at is None


def test_the_pages_of_problems(product, people, three, as_user):
    browser = as_user(people.sue)
    assert browser.post(f"{URL}problems/new/", {"title": "Lost", "issues": "ISS-1, ISS-99"}).status_code == 422
    assert browser.post(f"{URL}problems/new/", {"title": "Lost", "issues": "iss-1 2"}).status_code == 302
    problem = product.problems.get()
    page = f"{URL}problems/{problem.number}/"
    text = browser.get(page).content.decode()
    assert "ISS-1" in text
    assert "ISS-2" in text
    browser.post(page, {"do": "unlink", "issue": three[1].pk})
    browser.post(page, {"do": "link", "issues": "ISS-3"})
    assert sorted(problem.issues.values_list("number", flat=True)) == [1, 3]
    assert browser.post(page, {"do": "nonsense"}).status_code == 302
    assert browser.post(f"{page}investigation/", {"x": 1}).status_code == 302
    assert "Resolve its 2 open issues too" in browser.get(f"{page}resolution/").content.decode()
    form = {"resolution": "Done", "root_cause": "Leak", "with_issues": "on"}
    assert browser.post(f"{page}resolution/", form).status_code == 302
    assert "Close its 2 resolved issues too" in browser.get(f"{page}closure/").content.decode()
    assert browser.post(f"{page}closure/", {"with_issues": "on"}).status_code == 302
    assert states(problem, three[0], three[1], three[2]) == ["closed", "closed", "new", "closed"]
    assert browser.post(f"{page}closure/", {"x": 1}).status_code == 409


def test_from_an_issue(product, people, three, as_user):
    browser = as_user(people.sue)
    page = f"{URL}issues/{three[0].number}/"
    assert browser.post(f"{page}problem/", {"title": ""}).status_code == 422
    assert browser.post(f"{page}problem/", {"title": "Sessions are lost"}).status_code == 302
    assert "PRB-1" in browser.get(page).content.decode()
    problem = product.problems.get()
    second = f"{URL}issues/{three[1].number}/"
    assert browser.post(f"{second}problem/", {"problem": problem.pk}).status_code == 302
    assert problem.issues.count() == 2
    assert browser.post(f"{second}parent/", {"parent": "ISS-1"}).status_code == 302
    assert "Resolve its child too" in browser.get(f"{page}resolution/").content.decode()
    assert browser.post(f"{page}resolution/", {"resolution": "Done", "with_children": "on"}).status_code == 302
    assert states(three[0], three[1]) == ["resolved", "resolved"]
    assert browser.post(f"{second}detachment/").status_code == 302


def test_clients_learn_of_neither(product, people, as_user):
    mine = report(product, people, "Mine", by=people.cleo)
    theirs = report(product, people, "Contoso canary", by=people.olga)
    family.attach(mine, theirs, by=people.sue)
    Problem.raise_problem(product, by=people.sue, title="Problem canary", issues=[mine, theirs])
    browser = as_user(people.cleo)
    text = browser.get(f"{URL}issues/{mine.number}/").content.decode()
    text += browser.get(f"{URL}issues/?columns=parent&columns=problem&group=problem").content.decode()
    assert "canary" not in text
    assert theirs.ref + " " not in text
    assert browser.get(f"{URL}problems/").status_code in (403, 404)
