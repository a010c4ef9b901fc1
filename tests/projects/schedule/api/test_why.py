"""Why a task stands where it stands."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def asked(api, uid):
    return api.client.get(reverse("projects:plan-why", args=[api.project.code, uid]))


def test_the_reasons_name_the_task_that_holds_it(api, plan):
    said = asked(api, plan["B"].uid).json()
    assert set(said) == {"uid", "start", "finish", "float", "violated"}
    assert "A" in said["start"]
    assert said["violated"] == ""


def test_a_task_that_is_not_there(api, as_, plan):
    assert asked(api, 999).status_code == 404
    assert asked(as_("charlie"), plan["B"].uid).status_code == 404
    assert asked(as_("cleo"), plan["B"].uid).status_code == 200
