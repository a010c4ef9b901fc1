"""The pages of the cutover, with and without htmx."""

from django.urls import reverse

from handover.cutover import verbs
from handover.models import CutoverEntry, CutoverRun, CutoverStep


def url(record, name, *args):
    return reverse(f"handover:{name}", args=[record.project.code, record.number, *args])


def test_the_manager_plans(client, record):
    client.force_login(record.giver)
    data = {"kind": "task", "title": "Stop", "owner": record.giver.pk, "minutes": 10, "planned_start": ""}
    answer = client.post(url(record, "cutover-step-new"), data)
    assert answer.status_code == 422
    assert "Say when it starts" in answer.content.decode()
    client.post(url(record, "cutover-step-new"), {**data, "planned_start": "2026-05-02T20:00"})
    step = CutoverStep.objects.get()
    data |= {"planned_start": "2026-05-02T21:00", "version": step.version}
    assert client.post(url(record, "cutover-step-edit", step.pk), data).status_code == 302
    assert client.post(url(record, "cutover-step-edit", step.pk), data).status_code == 409
    assert "Stop" in client.get(url(record, "cutover")).content.decode()


def test_the_owner_runs_a_step_from_the_page(client, record, plan):
    client.force_login(record.giver)
    client.post(url(record, "cutover-run-new"), {"kind": "live"})
    run = CutoverRun.objects.get()
    client.force_login(plan[0].owner)
    page = client.get(url(record, "cutover-run", run.number)).content.decode()
    assert "Start<span" in page
    assert "Decide the rollback" not in page
    step_url = url(record, "cutover-run-step", run.number, plan[0].pk)
    client.post(step_url, {"event": "start"})
    answer = client.post(step_url, {"event": "problem", "note": ""}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "the log keeps it" in answer.content.decode()
    assert client.post(step_url, {"event": "start"}).status_code == 409
    client.post(step_url, {"event": "problem", "note": "No answer"})
    assert [entry.event for entry in CutoverEntry.objects.all()] == ["start", "problem"]


def test_the_page_follows_by_one_query_when_nothing_happened(client, record, plan):
    run = verbs.begin(record, by=record.giver)
    entry = verbs.step_on(run, plan[0], "start", by=record.giver)
    client.force_login(record.receiver)
    htmx = {"HX-Request": "true"}
    live = url(record, "cutover-run", run.number)
    assert client.get(f"{live}?since={entry.pk}", headers=htmx).status_code == 204
    verbs.step_on(run, plan[0], "done", by=record.giver)
    answer = client.get(f"{live}?since={entry.pk}", headers=htmx)
    assert answer.status_code == 200
    assert b"<html" not in answer.content
    verbs.end(run, by=record.giver, note="Enough")
    over = client.get(f"{live}?since=0", headers=htmx).content.decode()
    assert "every 4s" not in over


def test_the_lead_ends_it(client, record, plan):
    run = verbs.begin(record, by=record.giver)
    client.force_login(record.giver)
    live = url(record, "cutover-run", run.number)
    assert client.post(live, {"event": "end", "note": ""}).status_code == 422
    client.post(live, {"event": "note", "note": "All are here"})
    client.post(live, {"event": "rollback", "note": "Too late"})
    client.post(live, {"event": "end", "note": "Called off"})
    run.refresh_from_db()
    assert run.outcome == "aborted"
    assert client.post(live, {"event": "note", "note": "More"}).status_code == 409
