"""Control of a schedule as people use it: a re-baseline is decided, two states are compared, estimates are typed."""

import re

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from handover.demo.build import build
from pmdm.accounts.models import User
from pmdm.local.testing import Shelf
from projects.models import Baseline, TaskEstimate
from tests.browser.conftest import overflow, press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def shelf():
    return Shelf(connection)


@pytest.fixture
def people(shelf):
    """The demo takes 14 s of processor time to build: once, then it comes from the shelf."""
    if shelf.columns:
        shelf.take()
    else:
        build(now=timezone.now(), only={"WRC"})
        shelf.put()
    return {user.email.split(".")[0]: user for user in User.objects.all()}


def test_a_proposal_is_compared_and_decided(new_page, people):
    sponsor = new_page("/projects/WRC/schedule/baselines/", user=people["aiko"])
    sponsor.get_by_role("link", name="After the supplier's delay").click()
    expect(sponsor.get_by_text("Approval asked for").first).to_be_visible()

    sponsor.expected_errors.append("422")
    press(sponsor.get_by_role("button", name="Decline"))
    expect(sponsor.get_by_text("Say why")).to_be_visible()
    sponsor.get_by_label("Reason or condition").fill("Agreed with Atlas.")
    press(sponsor.get_by_role("button", name="Approve"))
    expect(sponsor.get_by_role("status").filter(has_text="Approved")).to_be_visible()
    assert Baseline.objects.get(name="After the supplier's delay").is_approved

    sponsor.get_by_label("Compared with").select_option(label="Approved plan")
    expect(sponsor.get_by_role("heading", name=re.compile("to “Approved plan”"))).to_be_visible()
    sponsor.get_by_label("Show").select_option(label="Pulled in")
    expect(sponsor.get_by_role("table").get_by_text("Pulled in").first).to_be_visible()
    expect(sponsor).to_have_url(re.compile("against=0.*show=pulled_in"))


def test_forecasts_and_trend_open_to_their_numbers(new_page, people):
    for width in (1440, 390):
        page = new_page("/projects/WRC/schedule/control/", user=people["ines"], width=width)
        expect(page.get_by_text("SPI(t)").first).to_be_visible()
        page.get_by_text("Show the numbers").first.click()
        expect(page.get_by_role("columnheader", name="Critical path")).to_be_visible()
        page.get_by_role("link", name="Milestone trend").click()
        expect(page.get_by_role("img", name="Milestone trend").locator("visible=true")).to_have_count(1)
        assert overflow(page) == 0


def test_estimates_by_keyboard_and_without_script(new_page, people):
    for script in (True, False):
        page = new_page("/projects/WRC/schedule/control/estimates/", user=people["ines"], script=script)
        first = page.locator("table.estimates tbody tr").first.locator("input")
        page.expected_errors.append("422")
        first.nth(0).fill("50d")
        first.nth(2).fill("4d")
        first.nth(2).press("Enter")
        expect(page.get_by_text("at least the optimistic one")).to_be_visible()
        expect(first.nth(0)).to_have_value("50d")
        first.nth(0).fill("1d")
        first.nth(1).fill("2d")
        first.nth(2).press("Enter")
        expect(page.get_by_text(re.compile("1 estimate changed|No estimate differs"))).to_be_visible()
    assert TaskEstimate.objects.filter(optimistic=480, likely=960, pessimistic=1920).count() == 1
