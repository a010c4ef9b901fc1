"""Who approves a baseline, and that an approved one stays as it is, whatever is tried."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from projects.models import Baseline, BaselineTask, Task
from projects.schedule import edits
from projects.schedule.baselines import (
    activate_baseline,
    decide_baseline,
    describe_baseline,
    remove_baseline,
    request_approval,
    take_baseline,
)
from projects.schedule.importing import import_plan
from projects.schedule.planfiles import parse_csv_plan
from tests.factories import make_cast, make_project


@pytest.fixture
def approved(project, people, plan):
    baseline = take_baseline(project, by=people.alice, name="Contract")
    request_approval(baseline, by=people.alice)
    decide_baseline(baseline, by=people.sam, approve=True, note="As offered.")
    return baseline


def refused(change):
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        change()


@pytest.mark.django_db
def test_nothing_of_an_approved_one_changes(approved, project, people, plan):
    approved.refresh_from_db()
    assert (approved.state, approved.decided_by, approved.requested_by) == ("approved", people.sam, people.alice)
    rows = BaselineTask.objects.filter(baseline=approved)
    refused(lambda: Baseline.objects.filter(pk=approved.pk).update(name="Other"))
    refused(lambda: Baseline.objects.filter(pk=approved.pk).update(state="draft", requested_by=None, decided_by=None))
    refused(lambda: Baseline.objects.filter(pk=approved.pk)._raw_delete("default"))
    refused(lambda: rows.update(finish=None))
    refused(lambda: rows.filter(name="A").delete())
    refused(lambda: BaselineTask.objects.create(baseline=approved, uid=999, name="Smuggled in"))
    assert rows.count() == 6


@pytest.mark.django_db
def test_the_verbs_say_so_in_words(approved, project, people):
    with pytest.raises(ValidationError, match="stays as it is"):
        take_baseline(project, by=people.alice, number=approved.number)
    with pytest.raises(ValidationError, match="not removed"):
        remove_baseline(approved, by=people.alice)
    with pytest.raises(ValidationError, match="stays as it is"):
        describe_baseline(approved, by=people.alice, name="x", note="")
    with pytest.raises(ValidationError, match="meanwhile"):
        request_approval(approved, by=people.alice)


@pytest.mark.django_db
def test_it_may_stop_being_the_active_one(approved, project, people):
    second = take_baseline(project, by=people.alice)
    approved.refresh_from_db()
    assert not approved.is_active
    activate_baseline(approved, by=people.alice)
    second.refresh_from_db()
    assert not second.is_active


@pytest.mark.django_db
def test_its_rows_stay_when_tasks_go_and_find_them_again(approved, project, people, plan):
    uid = plan["C"].uid
    edits.delete_task(plan["C"], by=people.alice)
    row = approved.tasks.get(uid=uid)
    assert (row.task, row.name, row.wbs) == (None, "C", "3.1")
    back = Task.objects.create(project=project, uid=uid, number=99, name="C")
    row.refresh_from_db()
    assert row.task == back


@pytest.mark.django_db
def test_a_plan_file_does_not_replace_it(approved, project, people, plan):
    data = b"ID,Name,Duration\n2,A,4d\n"
    import_plan(project, parse_csv_plan(data), by=people.alice, replace=True)
    kept = project.baselines.get(number=approved.number)
    assert (kept.pk, kept.tasks.count(), kept.tasks.exclude(task=None).get().name) == (approved.pk, 6, "A")


@pytest.mark.django_db
def test_who_asks_does_not_decide(project, people, plan):
    baseline = take_baseline(project, by=people.alice)
    with pytest.raises(ValidationError, match="nothing to decide"):
        decide_baseline(baseline, by=people.sam, approve=True)
    request_approval(baseline, by=people.admin)
    with pytest.raises(ValidationError, match="yourself"):
        decide_baseline(baseline, by=people.admin, approve=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Baseline.objects.filter(pk=baseline.pk).update(
            state="approved", decided_by=people.admin, decided_at=baseline.taken_at
        )
    decide_baseline(baseline, by=people.pmo, approve=True)


@pytest.mark.django_db
def test_declined_with_a_reason_and_asked_again(project, people, plan):
    baseline = take_baseline(project, by=people.alice)
    request_approval(baseline, by=people.alice)
    with pytest.raises(ValidationError, match="Say why"):
        decide_baseline(baseline, by=people.sam, approve=False, note=" ")
    decide_baseline(baseline, by=people.sam, approve=False, note="The test is too short.")
    baseline.refresh_from_db()
    assert (baseline.state, baseline.decision_note) == ("declined", "The test is too short.")
    request_approval(baseline, by=people.alice)
    baseline.refresh_from_db()
    assert (baseline.state, baseline.decided_by, baseline.decision_note) == ("requested", None, "")


@pytest.mark.django_db
def test_only_unused_ones_are_removed(project, people, plan):
    first = take_baseline(project, by=people.alice)
    with pytest.raises(ValidationError, match="Choose another"):
        remove_baseline(first, by=people.alice)
    take_baseline(project, by=people.alice)
    remove_baseline(first, by=people.alice)
    assert list(project.baselines.values_list("number", flat=True)) == [1]


@pytest.mark.django_db
def test_the_page_leads_through_it(client, project, people, plan):
    baseline = take_baseline(project, by=people.alice)

    def url(name):
        return reverse(f"projects:baseline-{name}", args=[project.code, baseline.number])

    client.force_login(people.alice)
    assert "Ask for approval" in client.get(url("detail")).content.decode()
    assert client.post(url("request")).status_code == 302
    assert client.post(url("request")).status_code == 409
    assert client.post(url("decision"), {"decision": "approve"}).status_code == 403
    client.force_login(people.sam)
    assert 'value="approve"' in client.get(url("detail")).content.decode()
    declined = client.post(url("decision"), {"decision": "decline", "note": ""})
    assert declined.status_code == 422
    assert "Say why" in declined.content.decode()
    assert client.post(url("decision"), {"decision": "nonsense"}).status_code == 422
    assert client.post(url("decision"), {"decision": "approve", "note": "Go."}).status_code == 302
    assert client.post(url("decision"), {"decision": "approve"}).status_code == 409
    client.force_login(people.alice)
    assert client.get(url("edit")).status_code == 302
    removal = client.post(url("removal"))
    assert removal.status_code == 422
    assert "not removed" in removal.content.decode()


@pytest.mark.django_db
def test_name_and_note_until_then(client, project, people, plan):
    baseline = take_baseline(project, by=people.alice)
    client.force_login(people.alice)
    url = reverse("projects:baseline-edit", args=[project.code, baseline.number])
    assert client.post(url, {"name": "x" * 101, "note": "kept"}).status_code == 422
    assert client.post(url, {"name": "Offer", "note": "Before the pilot"}).status_code == 302
    baseline.refresh_from_db()
    assert (baseline.name, baseline.note) == ("Offer", "Before the pilot")
    client.force_login(people.cleo)
    page = client.get(reverse("projects:baseline-list", args=[project.code])).content.decode()
    assert "Offer" in page
    assert "Before the pilot" not in page


@pytest.mark.django_db(transaction=True)
def test_of_two_deciders_one_decides():
    project = make_project()
    people = make_cast(project)
    edits.add_tasks(project, by=people.alice, rows=[{"name": "A", "duration": 480}])
    baseline = take_baseline(project, by=people.alice)
    request_approval(baseline, by=people.alice)
    together, said, refusals = threading.Barrier(2, timeout=10), [], []

    def decide(who, approve):
        mine = Baseline.objects.get(pk=baseline.pk)
        together.wait()
        try:
            decide_baseline(mine, by=who, approve=approve, note="Because.")
            said.append(who)
        except ValidationError as error:
            refusals.append(error.messages[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=args) for args in ((people.sam, True), (people.pmo, False))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    baseline.refresh_from_db()
    assert [baseline.decided_by] == said
    assert ["somebody was first" in text for text in refusals] == [True]


@pytest.mark.django_db(transaction=True)
def test_of_many_activated_at_once_one_is_active():
    project = make_project()
    people = make_cast(project)
    edits.add_tasks(project, by=people.alice, rows=[{"name": "A", "duration": 480}])
    baselines = [take_baseline(project, by=people.alice) for _ in range(4)]
    together = threading.Barrier(4, timeout=10)
    failed = []

    def activate(baseline):
        together.wait()
        try:
            activate_baseline(baseline, by=people.alice)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=activate, args=[baseline]) for baseline in baselines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not failed
    assert project.baselines.filter(is_active=True).count() == 1


@pytest.mark.django_db
def test_a_new_one_is_not_the_measure_unless_somebody_says_so(client, project, people, approved):
    client.force_login(people.alice)
    url = reverse("projects:baseline-list", args=[project.code])
    assert client.get(url).context["form"]["active"].value() is False
    assert client.post(url, {"name": "Before the pilot"}).status_code == 302
    assert project.baselines.get(is_active=True) == approved


@pytest.mark.django_db
def test_the_first_one_is_the_measure(client, project, people, plan):
    client.force_login(people.alice)
    page = client.get(reverse("projects:baseline-list", args=[project.code]))
    assert page.context["form"]["active"].value() is True
