"""A simulation: asked for, computed by a worker, stored once; its page; what makes it out of date."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pmdm.jobs import outbox
from pmdm.jobs.models import Outbox, Work
from projects.control import simulation
from projects.control.fingerprint import plan_hash
from projects.models import Simulation, SimulationTask, TaskEstimate
from projects.schedule import edits
from tests.factories import make_cast, make_project

RUNS = 400


@pytest.fixture
def url(project):
    return reverse("projects:simulation", args=[project.code])


def run(project, people, seed=7, **kwargs):
    return simulation.run(project, by=people.alice, runs=kwargs.pop("runs", RUNS), seed=seed, **kwargs)


@pytest.mark.django_db
def test_it_keeps_what_the_engine_says(project, people, plan):
    kept = run(project, people)
    project.refresh_from_db()
    assert (kept.number, kept.runs, kept.seed, kept.sampled, kept.estimated) == (1, RUNS, 7, 3, 0)
    assert kept.deterministic == project.computed_finish
    assert kept.p50 <= kept.p80 <= kept.p90
    assert sum(count for _low, _high, count in kept.histogram) == RUNS
    assert kept.curve[-1][0] == 100
    # Two tasks in a row, each -10 to +30 %: the plan itself is kept in few runs only.
    assert 0 < kept.probability < 0.4
    rows = {row.name: row for row in kept.tasks.all()}
    assert set(rows) == {"A", "B", "C", "Gate"}
    assert (rows["A"].criticality, rows["C"].criticality) == (1, 0)
    assert rows["A"].cruciality > 0.4


@pytest.mark.django_db
def test_the_same_seed_gives_the_same_and_another_another(project, people, plan):
    first, again, other = run(project, people), run(project, people), run(project, people, seed=8)
    same = ("p50", "p80", "p90", "probability", "histogram", "curve", "plan_hash", "deviation_days")
    assert [getattr(first, name) for name in same] == [getattr(again, name) for name in same]
    assert first.curve != other.curve
    assert [first.number, again.number, other.number] == [1, 2, 3]


@pytest.mark.django_db
def test_estimates_of_a_task_beat_the_default(project, people, plan):
    for name in "ABC":
        task = plan[name]
        TaskEstimate.objects.create(project=project, task=task, optimistic=task.duration, pessimistic=task.duration)
    kept = run(project, people)
    assert (kept.estimated, kept.probability, kept.deviation_days) == (3, 1, 0)
    assert kept.p50 == kept.p90 == kept.deterministic
    TaskEstimate.objects.filter(task=plan["B"]).update(optimistic=4800, pessimistic=4800)
    assert run(project, people).p50 > kept.p50


@pytest.mark.django_db
def test_results_never_change(project, people, plan):
    kept = run(project, people)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Simulation.objects.filter(pk=kept.pk).update(seed=99)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        SimulationTask.objects.filter(simulation=kept).update(criticality=0)


@pytest.mark.django_db
def test_what_makes_it_out_of_date(project, people, plan):
    mark = plan_hash(project)
    edits.change_task(plan["A"], by=people.alice, name="Another name", notes="Words")
    assert plan_hash(project) == mark
    changes = [
        lambda: edits.change_task(plan["B"], by=people.alice, duration=960),
        lambda: edits.change_task(plan["C"], by=people.alice, percent=10),
        lambda: TaskEstimate.objects.create(project=project, task=plan["B"], optimistic=480, pessimistic=960),
        lambda: project.links.first().delete(),
    ]
    for change in changes:
        before = plan_hash(project)
        change()
        assert plan_hash(project) != before


@pytest.mark.django_db
def test_nothing_to_vary_is_refused_in_words(project, people):
    with pytest.raises(ValidationError, match="no plan"):
        run(project, people)
    edits.add_tasks(project, by=people.alice, rows=[{"name": "A", "duration": 480}])
    edits.change_task(project.tasks.get(), by=people.alice, percent=100)
    with pytest.raises(ValidationError, match="every task with a duration is done"):
        simulation.ask(project, by=people.alice, runs=RUNS, seed=1)


@pytest.mark.django_db
def test_the_page_before_and_after(client, url, project, people, plan):
    client.force_login(people.alice)
    assert "Simulate" in client.get(url).content.decode()
    for data, why in (({"runs": "5"}, "100"), ({"runs": "x"}, "whole number"), ({"runs": "200", "seed": "-1"}, "0")):
        answer = client.post(url, data)
        assert (answer.status_code, why in answer.content.decode()) == (422, True), data
    run(project, people)
    text = client.get(url).content.decode()
    for said in ("seed 7", "P80", "Criticality", "Merge bias", "kept in"):
        assert said in text
    assert "Out of date" not in text
    edits.change_task(plan["A"], by=people.alice, duration=4800)
    assert "Out of date" in client.get(url).content.decode()
    run(project, people)
    earlier = client.get(reverse("projects:simulation-detail", args=[project.code, 1]))
    assert "Out of date" in earlier.content.decode()
    assert client.get(reverse("projects:simulation-detail", args=[project.code, 9])).status_code == 404
    assert "Simulation, P80" in client.get(reverse("projects:control", args=[project.code])).content.decode()


@pytest.mark.django_db
def test_who_may(client, url, project, people, plan):
    run(project, people)
    for who, get, post in (("bob", 200, 403), ("sam", 200, 403), ("cleo", 403, 403), ("charlie", 404, 404)):
        client.force_login(getattr(people, who))
        assert client.get(url).status_code == get
        assert client.post(url, {"runs": "200"}).status_code == post


@pytest.mark.django_db
def test_as_many_queries_for_300_rows_as_for_3(client, url, project, people):
    client.force_login(people.alice)
    counts = []
    for size in (3, 300):
        project.tasks.all().delete()
        project.simulations.all().delete()
        edits.add_tasks(project, by=people.alice, rows=[{"name": f"T{n}", "duration": 480} for n in range(size)])
        run(project, people, runs=100)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.fixture
def quiet(monkeypatch):
    monkeypatch.setattr(outbox, "wake", lambda: None)


@pytest.mark.django_db(transaction=True)
def test_one_at_a_time_and_a_dead_worker_s_is_taken_over(client, quiet):
    project = make_project(target_start=datetime.date(2026, 1, 5))
    people = make_cast(project)
    edits.add_tasks(project, by=people.alice, rows=[{"name": "A", "duration": 2400}])
    url = reverse("projects:simulation", args=[project.code])
    client.force_login(people.alice)
    asked = client.post(url, {"runs": "300", "seed": "5"})
    work = Work.objects.get()
    assert asked.url == work.get_absolute_url()
    again = client.post(url, {"runs": "300"})
    assert again.status_code == 409
    assert "being computed already" in again.content.decode()
    assert "See how far it is" in client.get(url).content.decode()

    # A worker took it and died: its lease runs out, nothing was stored, another one does it once.
    row = outbox.lease()
    Work.objects.update(state=Work.State.RUNNING, percent=40)
    Outbox.objects.filter(pk=row.pk).update(leased_until=timezone.now() - datetime.timedelta(seconds=1))
    assert outbox.drain() == 1
    work.refresh_from_db()
    assert (work.state, work.error, work.result_url) == ("done", "", url)
    kept = Simulation.objects.get()
    assert (kept.runs, kept.seed, kept.asked_by) == (300, 5, people.alice)
    assert outbox.drain() == 0
    assert client.post(url, {"runs": "100"}).status_code == 302
