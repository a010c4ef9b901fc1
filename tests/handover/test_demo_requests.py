import datetime

import pytest

from handover.demo.people import found_company
from handover.demo.requests import ask_for_projects
from projects.models import InitiationRequest


@pytest.mark.django_db
def test_one_request_waits_for_its_second_word_and_one_is_half_written():
    now = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)
    ask_for_projects(found_company(now), now)
    whole, half = InitiationRequest.objects.order_by("created_at")
    assert (whole.state, half.state) == ("submitted", "draft")
    assert [one.decision for one in whole.submissions.order_by("number")] == ["returned", ""]
    assert all(one.submitted_at < now for one in whole.submissions.all())
    assert whole.reviewer not in (None, whole.asked_by)
