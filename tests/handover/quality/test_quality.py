"""The score of a handover: its formula, what it reads, and that it is kept once."""

import datetime

import pytest
from django.core import mail
from django.db import transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from delivery.models import Issue
from handover.criteria import library
from handover.criteria.models import Criterion, LibraryCriterion
from handover.hypercare.verbs import classify
from handover.knowledge import verbs as knowledge
from handover.models import Handover, QualityScore
from handover.quality import reading
from handover.quality.score import Inputs, score
from handover.transfer import actions
from pmdm.jobs import outbox
from tests.handover.conftest import LATER

DAY = datetime.timedelta(days=1)
GO_LIVE = datetime.datetime(2026, 2, 2, 9, tzinfo=datetime.UTC)
counts = st.integers(0, 12)
inputs = st.builds(
    Inputs, st.fixed_dictionaries(dict.fromkeys((1, 2, 3, 4), counts)), counts, counts, st.integers(0, 4)
)


@given(inputs, inputs)
def test_worse_is_never_better(one, other):
    both = Inputs(
        {severity: one.defects[severity] + other.defects[severity] for severity in one.defects},
        one.returns + other.returns,
        one.waivers + other.waivers,
        min(4, one.missing_documents + other.missing_documents),
    )
    assert 0 <= score(both).value <= score(one).value <= 100
    assert score(one).value == 100 - sum(score(one).lost.values())


def test_by_hand():
    assert score(Inputs({})).value == 100
    assert score(Inputs({1: 1}, returns=1)).value == 82
    assert score(Inputs({1: 9, 2: 9}, returns=9, waivers=9, missing_documents=4)).value == 0


@pytest.fixture
def accepted(record):
    """Returned once, with a runbook and nothing else, accepted on GO_LIVE."""
    people = record.project.people
    knowledge.add_material(record, by=record.giver, kind="runbook", title="Restore", note="First stop it")
    actions.submit(record, by=record.giver, at=GO_LIVE - 3 * DAY)
    actions.give_back(record, by=record.receiver, reason="The manual is old", at=GO_LIVE - 2 * DAY)
    record.refresh_from_db()
    actions.submit(record, by=record.giver, at=GO_LIVE - DAY)
    actions.accept(record, by=record.receiver, at=GO_LIVE)
    record.refresh_from_db()
    record.project.people = people
    return record


def report(record, days, **fields):
    return Issue.report(record.product, by=record.receiver, title="Broken", at=GO_LIVE + days * DAY, **fields)


def test_what_counts_as_escaped(accepted):
    report(accepted, 1, type="bug", severity=2)
    report(accepted, 2, type="request", severity=4)
    classify(accepted.hypercare, report(accepted, 3, type="bug", severity=1), "training", by=accepted.receiver)
    classify(accepted.hypercare, report(accepted, 4, type="complaint", severity=3), "defect", by=accepted.receiver)
    report(accepted, 91, type="bug", severity=1)
    found = reading.inputs_of(accepted, GO_LIVE + 200 * DAY)
    assert found["defects"] == {"1": 0, "2": 1, "3": 1, "4": 0}
    assert found["returns"] == 1
    assert found["missing"] == ["configuration", "licence", "contact"]


def test_it_is_kept_once_after_ninety_days(accepted):
    report(accepted, 1, type="bug", severity=2)
    assert reading.freeze(GO_LIVE + 89 * DAY) == 0
    assert reading.freeze(GO_LIVE + 90 * DAY) == 1
    assert reading.freeze(GO_LIVE + 120 * DAY) == 0
    kept = QualityScore.objects.get()
    assert kept.value == 100 - 4 - 10 - 15 == kept.score.value
    with pytest.raises(Exception, match="Cannot"), transaction.atomic():
        QualityScore.objects.update(value=100)


def test_the_page_opens_to_its_numbers(client, accepted):
    url = reverse("handover:quality", args=[accepted.project.code, accepted.number])
    reading.freeze(GO_LIVE + 90 * DAY)
    client.force_login(accepted.giver)
    page = client.get(url).content.decode()
    assert "75 of 100" in page
    assert "Configuration, Licence, Contact" in page
    client.force_login(accepted.project.people.cleo)
    assert client.get(url).status_code == 403


def test_giver_and_receiver_hear_of_it_once(accepted):
    report(accepted, 1, type="bug", severity=2)
    line = accepted.criteria.filter(is_required=True).first()
    waive(line)
    reading.freeze(GO_LIVE + 90 * DAY)
    reading.freeze(GO_LIVE + 91 * DAY)
    outbox.drain()
    sent = {message.to[0]: message for message in mail.outbox if "Quality of the handover" in message.subject}
    told = [message for message in mail.outbox if "Quality of the handover" in message.subject]
    assert len(told) == 2
    assert set(sent) == {accepted.giver.email, accepted.receiver.email}
    body = sent[accepted.giver.email].body
    assert "Quality of the handover: 66 of 100." in body
    assert "- Escaped defects: 1, 4 points" in body
    assert "- Returns: 1, 10 points" in body
    assert line.text in body
    assert f"/projects/{accepted.project.code}/handover/{accepted.number}/quality/" in body


def waive(line):
    Criterion.objects.filter(pk=line.pk).update(
        state="waived", verified_by=None, verified_at=None, waiver_reason="Later", waiver_expires=LATER,
        waiver_approver=line.handover.receiver if line.owner_id != line.handover.receiver_id else line.handover.giver,
        waived_at=GO_LIVE,
    )  # fmt: skip


def test_the_list_shows_and_sorts_by_it(client, accepted):
    reading.freeze(GO_LIVE + 90 * DAY)
    client.force_login(accepted.giver)
    page = client.get(reverse("handover:list"), {"sort": "-quality"}).content.decode()
    assert "75 of 100" in page
    assert "Mean quality of 1 judged handover in this list: 75 of 100" in page
    client.force_login(accepted.project.people.charlie)
    assert "75 of 100" not in client.get(reverse("handover:list")).content.decode()


class TestTheLibraryLearns:
    def judged(self, project, value, *, lacks):
        """Another handover whose score is known; ``lacks``: its first line was waived."""
        record = Handover.objects.create(
            project=project, giver=project.people.alice, receiver=project.people.dora, state="withdrawn",
            number=Handover.objects.filter(project=project).count() + 50,
        )  # fmt: skip
        line = record.criteria.create(
            project=project, source=LibraryCriterion.objects.earliest("pk"), category="support", text="Copied",
            owner=project.people.alice, verifier=project.people.dora,
        )  # fmt: skip
        if lacks:
            waive(line)
        QualityScore.objects.create(
            project=project, handover=record, at=GO_LIVE, value=value,
            inputs={"defects": {}, "returns": 0, "waivers": 0, "missing": []},
        )  # fmt: skip

    def row(self):
        return library.with_figures().get(pk=LibraryCriterion.objects.earliest("pk").pk)

    def test_handovers_that_lacked_a_line_and_were_worse_mark_it(self, client, project):
        library.fill()
        for value in (60, 70):
            self.judged(project, value, lacks=True)
        for value in (90, 80):
            self.judged(project, value, lacks=False)
        row = self.row()
        assert (row.judged_without, row.quality_without, row.quality_with) == (2, 65, 85)
        assert not library.is_marked(row)  # too few to say anything
        self.judged(project, 65, lacks=True)
        assert library.is_marked(self.row())
        client.force_login(project.people.dora)
        page = client.get(reverse("handover:library")).content.decode()
        assert "3 handovers" in page
        assert "with it 85" in page

    def test_as_good_without_it_marks_nothing(self, project):
        library.fill()
        for value in (81, 82, 83):
            self.judged(project, value, lacks=True)
        assert not library.is_marked(self.row())
        self.judged(project, 90, lacks=False)
        assert not library.is_marked(self.row())


def test_before_the_acceptance_there_is_none(client, record):
    client.force_login(record.giver)
    page = client.get(reverse("handover:quality", args=[record.project.code, record.number])).content.decode()
    assert "Not known yet" in page
