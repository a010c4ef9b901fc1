"""The list of open items follows the project by itself while it may still change."""

from django.utils import timezone

from handover.items import finding
from handover.transfer import actions
from projects.models import Issue
from tests import factories
from tests.handover.conftest import decide_all


def titles(record):
    return sorted(str(item.source.title) for item in record.open_items.select_related("risk", "issue", "requirement"))


def test_what_was_closed_leaves_and_what_was_opened_comes(project):
    record = actions.start(project, by=project.people.alice)
    decide_all(record, by=record.giver)
    kept = record.open_items.get(kind="risk")
    Issue.objects.filter(project=project).update(state="closed", closed_at=timezone.now())
    factories.make_issue(project, title="Prints are cut off")
    assert finding.keep_up(None) == 1
    assert titles(record) == ["Only one person knows the job", "Prints are cut off", "Sign a settlement"]
    kept.refresh_from_db()
    assert kept.decision == "carry"
    assert record.open_items.get(kind="issue").decision == ""


def test_what_was_signed_stays(record):
    actions.submit(record, by=record.giver)
    before = titles(record)
    Issue.objects.filter(project=record.project).update(state="closed", closed_at=timezone.now())
    assert finding.keep_up(None) == 0
    assert titles(record) == before
