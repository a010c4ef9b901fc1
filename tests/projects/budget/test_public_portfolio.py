"""A published portfolio, the transport projects of the UK's Government Major Projects Portfolio of 2023-24: its sums,
variances and ratings come out of our roll-up as they are printed."""

import csv
import datetime
import json
from collections import Counter
from decimal import Decimal as D

import pytest
from django.urls import reverse

from projects.budget import verbs
from projects.budget.portfolio import portfolio
from projects.currencies.rates import state_rate
from projects.lifecycle.lights import with_light
from projects.models import Project
from tests.factories import make_organisation, make_project, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.shared]

DAY = datetime.date(2024, 3, 28)
MILLION = D(1_000_000)
RATE = D("1.1707")
LIGHTS = {"Green": "ok", "Amber": "watch", "Red": "act"}
# Columns, by their place: their heads are paragraphs.
CODE, NAME, IPA, SRO, YEAR_BASELINE, YEAR_FORECAST, YEAR_VARIANCE, WHOLE_LIFE = 0, 1, 5, 6, 11, 12, 13, 15


def number(text: str) -> D | None:
    """Empty cells, and such as say why a figure is exempt, are none."""
    try:
        return D(text)
    except ArithmeticError:
        return None


@pytest.fixture
def published(shared_data):
    with (shared_data / "portfolio/uk-gmpp-2023-24-dft.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return rows, json.loads((shared_data / "portfolio/expected.json").read_text())


@pytest.fixture
def alice(db):
    alice = make_user("Alice Manager")
    state_rate(by=alice, currency="GBP", day=DAY, rate=RATE, source="ECB")
    return alice


def made(alice, row, budget: D | None, client=None) -> Project:
    return make_project(
        alice, name=row[NAME][:200], currency="GBP", client=client, approved_budget=budget and budget * MILLION
    )


def test_whole_life_costs_add_up_and_those_without_a_figure_are_named_apart(alice, published):
    rows, expected = published
    client = make_organisation("Department for Transport")
    for row in rows:
        made(alice, row, number(row[WHOLE_LIFE]), client)
    found = portfolio(Project.objects.all(), DAY)
    total = D(str(expected["whole_life_cost_baseline_gbp_m_sum_of_numeric"])) * MILLION
    assert len(found.rows) == expected["projects"] == 19
    assert sum((row.own.approved for row in found.rows), D(0)) == total
    assert found.total.approved == (total * RATE).quantize(D("0.01"))
    (group,) = found.by("client")
    assert group.total == found.total
    assert group.unbudgeted == sum(number(row[WHOLE_LIFE]) is None for row in rows) == 7


def test_variances_of_the_year_are_those_that_were_printed(alice, published):
    rows, _expected = published
    printed = {}
    for row in rows:
        baseline, forecast = number(row[YEAR_BASELINE]), number(row[YEAR_FORECAST])
        if baseline is None or forecast is None:
            continue
        project = made(alice, row, baseline)
        line = verbs.plan_line(project, by=alice, name="Year", category="other", planned=baseline * MILLION)
        verbs.change_line(line, by=alice, remaining=forecast * MILLION)
        printed[project.pk] = (baseline, number(row[YEAR_VARIANCE]))
    found = portfolio(Project.objects.all(), DAY)
    compared = 0
    for row in found.rows:
        baseline, percent = printed[row.project.pk]
        if percent is not None:  # none is printed where the baseline is zero
            assert round(-100 * row.own.variance / (baseline * MILLION)) == percent, row.project
            compared += 1
    assert compared == 16
    assert found.total.forecast == sum((row.base.forecast for row in found.rows), D(0))
    assert found.total.variance == sum((row.base.variance for row in found.rows), D(0))


def test_ratings_are_counted_as_published(client, alice, published):
    """A rating is what was said last; where it is exempt nothing was said, and nothing is guessed."""
    rows, expected = published
    for row in rows:
        project = made(alice, row, None)
        for rating in (row[IPA], row[SRO]):
            if rating in LIGHTS:
                project.post_update(by=alice, text="As published", overall=LIGHTS[rating])
    wanted = Counter(
        {
            light: sum(expected[who].get(rating, 0) for who in ("ipa_rating", "sro_rating"))
            for rating, light in LIGHTS.items()
        }
        | {"na": 1}
    )
    assert Counter(with_light(Project.objects.all()).values_list("light", flat=True)) == wanted
    client.force_login(make_user("Pia Office", site_role="pmo"))
    page = client.get(reverse("projects:list")).context["page"]
    assert Counter(row.shown_light for row in page.rows) == wanted
