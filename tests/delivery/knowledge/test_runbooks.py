"""Runbooks in versions, and runs that are logged step by step."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connections, transaction

from delivery.models import Runbook, RunbookRun, RunbookStep, RunEntry
from delivery.moves import NotNow
from delivery.runbooks.forms import steps_of, text_of
from pmdm.registers.models import StaleVersion

STEPS = [("Stop the job", "Press stop"), ("Clear the queue", ""), ("Start the job", "Press start")]
URL = "/products/CLAIMS/runbooks/"


@pytest.fixture
def book(product, dora):
    return Runbook.write(product, by=dora, title="Nightly job", steps=STEPS)


def steps(run):
    return list(run.book_version.steps.all())


def test_a_run_goes_step_by_step_and_says_who_did_what(book, people):
    run = book.start(by=people.sue)
    first, second, third = steps(run)
    with pytest.raises(NotNow, match="Stop the job"):
        run.record(second, by=people.sue, result="done")
    run.record(first, by=people.sue, result="done")
    with pytest.raises(ValidationError):
        run.record(second, by=people.bob, result="failed")
    run.record(second, by=people.bob, result="failed", note="Queue is locked")
    assert run.current() == second
    run.record(second, by=people.bob, result="skipped", note="Cleared by itself")
    run.record(third, by=people.sue, result="done")
    assert (run.state, run.current()) == ("done", None)
    log = [(entry.step.position, entry.result, entry.by) for entry in run.entries.all()]
    assert log == [
        (1, "done", people.sue),
        (2, "failed", people.bob),
        (2, "skipped", people.bob),
        (3, "done", people.sue),
    ]
    with pytest.raises(NotNow):
        run.record(third, by=people.sue, result="done")


def test_a_run_keeps_its_version(book, people):
    run = book.start(by=people.sue)
    book.revise(by=people.dora, steps=[("Only this", "")], note="Shorter", version=book.version)
    assert [step.title for step in steps(run)] == [title for title, _text in STEPS]
    assert [step.title for step in steps(book.start(by=people.sue))] == ["Only this"]
    assert [version.number for version in book.versions.all()] == [2, 1]


def test_two_write_the_next_version_at_once(book, people):
    again = Runbook.objects.get(pk=book.pk)
    with pytest.raises(ValidationError):
        book.revise(by=people.dora, steps=STEPS, note=" ", version=1)
    book.revise(by=people.dora, steps=STEPS, note="One", version=1)
    with pytest.raises(StaleVersion):
        again.revise(by=people.sue, steps=STEPS, note="Two", version=1)
    assert book.versions.count() == 2


def test_the_log_and_the_steps_are_never_rewritten(book, people):
    run = book.start(by=people.sue)
    run.record(steps(run)[0], by=people.sue, result="done")
    for model in (RunEntry, RunbookStep):
        with pytest.raises(Exception, match="append_only"), transaction.atomic():
            model.objects.order_by("-pk")[:1].get().delete()
    with pytest.raises(Exception, match="append_only"), transaction.atomic():
        RunEntry.objects.update(note="It was not me")


def test_aborted_it_says_why_and_goes_no_further(book, people):
    run = book.start(by=people.sue)
    with pytest.raises(ValidationError):
        run.abort(by=people.sue, note="")
    run.abort(by=people.sue, note="The database is away")
    assert (run.state, run.entries.get().result) == ("aborted", "aborted")
    with pytest.raises(NotNow):
        run.record(steps(run)[0], by=people.sue, result="done")


@pytest.mark.django_db(transaction=True)
def test_two_record_the_same_step_at_once(product, dora):
    run = Runbook.write(product, by=dora, title="Race", steps=STEPS).start(by=dora)
    first = steps(run)[0]
    start, refused = threading.Barrier(2), []

    def record():
        start.wait()
        try:
            RunbookRun.objects.get(pk=run.pk).record(first, by=dora, result="done")
        except NotNow as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=record) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert run.entries.count() == 1


def test_steps_are_typed_as_text(book):
    typed = "1. Stop the job\nPress stop\r\n\r\n2) Clear the queue\n\n   \n3. Start the job\nPress start\n"
    assert steps_of(typed) == STEPS
    assert steps_of(text_of(book.latest.steps.all())) == STEPS
    assert steps_of(" \n ") == []


def test_by_the_page(product, people, as_user):
    browser = as_user(people.sue)
    assert browser.post(URL + "new/", {"title": "Restart", "steps": " "}).status_code == 422
    assert browser.post(URL + "new/", {"title": "Restart", "steps": "Stop it\n\nStart it"}).status_code == 302
    book = Runbook.objects.get()
    refused = browser.post(f"{URL}{book.pk}/start/", {"reason": "Alarm at night", "issue": "999"})
    assert (refused.status_code, RunbookRun.objects.exists()) == (422, False)
    assert "Alarm at night" in refused.content.decode(), "what was typed is kept"
    assert browser.post(f"{URL}{book.pk}/start/", {"reason": "Alarm"}).status_code == 302
    run = RunbookRun.objects.get()
    url = f"{URL}runs/{run.pk}/"
    first, second = steps(run)
    assert browser.post(url, {"step": second.pk, "result": "done"}).status_code == 409
    assert browser.post(url, {"step": "nonsense", "result": "done"}).status_code == 409
    failed = browser.post(url, {"step": first.pk, "result": "failed", "note": ""})
    assert failed.status_code == 422
    assert browser.post(url, {"step": first.pk, "result": "done"}).status_code == 302
    assert as_user(people.stella).post(url, {"step": second.pk, "result": "done"}).status_code == 403
    edit = {"steps": "Only one", "summary": "", "note": "Shorter", "version": book.version}
    assert as_user(people.bob).post(f"{URL}{book.pk}/edit/", edit).status_code == 302
    assert as_user(people.bob).post(f"{URL}{book.pk}/edit/", edit).status_code == 409
    assert as_user(people.cleo).get(URL).status_code == 403
    old = as_user(people.bob).get(f"{URL}{book.pk}/?version=1").content.decode()
    assert "Start it" in old
