import datetime

import pytest

from handover.cutover import verbs

SATURDAY = datetime.datetime(2026, 5, 2, 20, tzinfo=datetime.UTC)


@pytest.fixture
def plan(record):
    """Stop, copy, a go/no-go point, open; and one step back."""
    people = record.project.people

    def step(title, minutes, kind="task", owner=None, at=0, **more):
        start = None if kind == "rollback" else SATURDAY + datetime.timedelta(minutes=at)
        return verbs.add_step(
            record, by=record.giver, kind=kind, title=title, minutes=minutes, owner=owner or people.bob,
            planned_start=start, **more,
        )  # fmt: skip

    return [
        step("Stop the old system", 15),
        step("Copy the data", 60, at=15, rollback_trigger="more than 1% of records differ"),
        step("Open the new system?", 5, "decision", owner=people.sam, at=75),
        step("Open the new system", 10, at=80),
        step("Start the old system", 10, "rollback"),
    ]
