import datetime

import pytest

from handover.hypercare import verbs
from handover.transfer import actions

GO_LIVE = datetime.datetime(2026, 6, 1, 9, tzinfo=datetime.UTC)


@pytest.fixture
def agreed(record):
    """Five quiet days, one issue a day, no survey asked for, 99 %."""
    values = {
        "days": 10, "tightening": 50, "critical_free_days": 5, "issues_per_day": 1, "window_days": 5,
        "satisfaction": None, "availability": 99, "relapse_days": 14,
    }  # fmt: skip
    return verbs.agree(record, values, by=record.giver)


@pytest.fixture
def running(record, agreed):
    """Accepted on GO_LIVE, so running since."""
    actions.submit(record, by=record.giver, at=GO_LIVE - datetime.timedelta(hours=1))
    actions.accept(record, by=record.receiver, at=GO_LIVE)
    agreed.refresh_from_db()
    return agreed
