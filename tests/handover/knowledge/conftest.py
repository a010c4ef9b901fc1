import pytest

from handover.knowledge import verbs
from tests import factories


@pytest.fixture
def sue(record):
    """Of the receiving team."""
    user = factories.make_user("Sue Support")
    verbs.add_learner(record, user, by=record.giver)
    return user


@pytest.fixture
def topic(record, sue):
    """A critical topic, not covered."""
    return verbs.add_topic(record, by=record.giver, title="Restore", is_critical=True, needed=1)
