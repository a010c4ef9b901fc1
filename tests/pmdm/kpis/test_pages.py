"""Portfolio, figure pages and thresholds: who sees what, filters and sorts, bad input, constant queries."""

import datetime
import json
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from pmdm.kpis import figures, recompute, registry
from pmdm.kpis.models import Dirty, Threshold
from tests.factories import join, make_cast, make_organisation, make_product, make_project, make_risk, make_user

pytestmark = pytest.mark.django_db

MONEY = ("on_budget", "on_budget_forecast")


@pytest.fixture
def project():
    return make_project(name="Claims portal", approved_budget=1000)


@pytest.fixture
def people(project):
    return make_cast(project, organisation=make_organisation("Northwind"))


@pytest.fixture
def overspent(project, people):
    """Red by cost alone."""
    line = project.budget_lines.create(name="Build", category="services", planned=5000)
    project.expenses.create(
        line=line, amount=2000, description="x", booked_by=people.alice, spent_on=timezone.localdate()
    )
    recompute.recompute("project", [project.pk])
    return project


def get(client, user, name, *args, **query):
    client.force_login(user)
    return client.get(reverse(name, args=args), query)


# --- One figure -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [kpi.code for kpi in registry.of("project")])
def test_every_project_figure_opens(client, project, people, code):
    page = get(client, people.alice, "projects:figure", project.code, code)
    assert page.status_code == 200
    assert escape(str(registry.get("project", code).formula)) in page.content.decode()


@pytest.mark.parametrize("code", [kpi.code for kpi in registry.of("product")])
def test_every_product_figure_opens(client, code):
    product = make_product()
    people = make_cast(product=product)
    recompute.recompute("product", [product.pk])
    page = get(client, people.dora, "delivery:figure", product.code, code)
    assert page.status_code == 200
    assert escape(registry.get("product", code).source) in page.content.decode()


def test_a_figure_shows_the_rows_it_came_from(client, project, people):
    risk = make_risk(project, title="Certification slips", probability=5, impact=5)
    recompute.recompute("project", [project.pk])
    page = get(client, people.alice, "projects:figure", project.code, "high_risks").content.decode()
    assert "Certification slips" in page
    assert reverse("projects:risk-detail", args=[project.code, risk.number]) in page


def test_history_becomes_a_chart(client, project, people):
    make_risk(project, probability=5, impact=5, raised_at=timezone.now() - datetime.timedelta(days=50))
    today = timezone.now().date()
    type(project).objects.filter(pk=project.pk).update(created_at=timezone.now() - datetime.timedelta(days=90))
    for ago in (30, 20, 10):
        recompute.backfill(today - datetime.timedelta(days=ago))
    recompute.recompute("project", [project.pk])
    assert (
        '<svg class="plot' in get(client, people.alice, "projects:figure", project.code, "high_risks").content.decode()
    )


def test_an_unknown_figure_is_404(client, project, people):
    assert get(client, people.alice, "projects:figure", project.code, "happiness").status_code == 404


@pytest.mark.parametrize("name", ["projects:figures", "projects:figure"])
def test_strangers_404_clients_403(client, project, people, name):
    args = [project.code, "on_time"] if name.endswith("figure") else [project.code]
    assert get(client, people.charlie, name, *args).status_code == 404
    assert get(client, people.cleo, name, *args).status_code == 403
    assert get(client, people.bob, name, *args).status_code == 200


@pytest.mark.parametrize("code", MONEY)
def test_cost_needs_its_permission(client, overspent, people, code):
    assert get(client, people.bob, "projects:figure", overspent.code, code).status_code == 403
    assert get(client, people.stella, "projects:figure", overspent.code, code).status_code == 200


def test_the_list_leaves_cost_out(client, overspent, people):
    shown = get(client, people.bob, "projects:figures", overspent.code).content.decode()
    assert not any(reverse("projects:figure", args=[overspent.code, code]) in shown for code in MONEY)
    shown = get(client, people.alice, "projects:figures", overspent.code).content.decode()
    assert all(reverse("projects:figure", args=[overspent.code, code]) in shown for code in MONEY)


# --- Figures for other pages ------------------------------------------------------------------------------


def test_figures_by_user(overspent, people):
    codes = lambda user: {one.kpi.code for one in figures.for_subject("project", overspent.pk, user=user)}  # noqa: E731
    assert set(MONEY) <= codes(people.stella)
    assert codes(people.bob)
    assert not set(MONEY) & codes(people.bob)
    assert codes(people.cleo) == codes(people.charlie) == set()


def test_figures_without_any_permission_named_leave_cost_out(overspent):
    assert not set(MONEY) & {one.kpi.code for one in figures.for_subject("project", overspent.pk)}


def test_before_the_first_computation_it_says_so(project):
    shown = figures.for_subject("project", project.pk)
    assert all(figure.value == "" and "Not computed yet" in figure.reason for figure in shown)


def test_the_worst_figure_is_the_light(overspent):
    every = figures.for_subjects("project", [overspent.pk], cost_ids=[overspent.pk])[overspent.pk]
    assert figures.worst(every) == "act"
    assert figures.worst([]) == "na"
    assert figures.lights("project", [overspent.pk])[overspent.pk] != "act"  # cost is not told


def test_queries_do_not_grow(django_assert_num_queries):
    ids = [make_project().pk for _ in range(12)]
    recompute.recompute("project", ids)
    with django_assert_num_queries(2):
        figures.for_subjects("project", ids[:2])
    with django_assert_num_queries(2):
        figures.for_subjects("project", ids)


def test_result_can_be_shown_again(overspent):
    kept = json.loads(json.dumps(figures.result("project", overspent.pk)))
    again = {figure.kpi.code: figure.text for figure in figures.frozen("project", overspent.code, kept)}
    now = figures.for_subjects("project", [overspent.pk], cost_ids=[overspent.pk])[overspent.pk]
    assert again == {figure.kpi.code: figure.text for figure in now}


# --- Portfolio --------------------------------------------------------------------------------------------


def names(page):
    return [row["name"] for row in page.context["page"].rows]


def test_one_sees_what_one_has_a_role_on(client, project, people):
    make_project(name="Somebody else's")
    assert names(get(client, people.bob, "kpis:portfolio")) == ["Claims portal"]
    assert names(get(client, people.charlie, "kpis:portfolio")) == []
    assert "Somebody else's" in names(get(client, people.pmo, "kpis:portfolio"))


def test_projects_and_products_stand_together(client, project, people):
    make_product(name="Broker app")
    assert sorted(names(get(client, people.pmo, "kpis:portfolio"))) == ["Broker app", "Claims portal"]


def test_a_light_never_tells_the_cost(client, overspent, people):
    light = lambda user: get(client, user, "kpis:portfolio").context["page"].rows[0]["light"]  # noqa: E731
    assert light(people.stella) == light(people.pmo) == "act"
    assert light(people.bob) != "act"


def test_a_client_sees_names_without_figures(client, overspent, people):
    page = get(client, people.cleo, "kpis:portfolio")
    assert names(page) == ["Claims portal"]
    assert "figures/" not in page.content.decode()
    assert page.context["page"].rows[0]["light"] == "na"


def test_a_clients_portfolio_has_no_empty_columns(client, project, people):
    """Nothing about status and figures, which a client sees nowhere, but when it will be there."""
    project.target_finish = datetime.date(2031, 3, 4)
    project.save()
    page = get(client, people.cleo, "kpis:portfolio")
    text = page.content.decode()
    assert "Figures" not in text
    assert "kpi-sum" not in text
    assert 'name="light"' not in text
    assert "4\xa0Mar\xa02031" in text
    assert 'colspan="4"' not in text
    text = get(client, people.bob, "kpis:portfolio").content.decode()
    assert "Figures" in text
    assert "Finish or end of life" not in text


def test_a_role_without_figures_beside_one_with_them(client, project, people):
    other = make_project(name="Broker app")
    join(other, people.bob, "client")
    text = get(client, people.bob, "kpis:portfolio").content.decode()
    assert text.count("Not shown to your role here") == 1


def test_ended_work_waits_behind_the_filter(client, project, people):
    type(project).objects.filter(pk=project.pk).update(state="cancelled")
    assert names(get(client, people.alice, "kpis:portfolio")) == []
    assert names(get(client, people.alice, "kpis:portfolio", stage="all")) == ["Claims portal"]
    assert names(get(client, people.alice, "kpis:portfolio", stage="project.cancelled")) == ["Claims portal"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "claims"}, ["Claims portal"]),
        ({"q": "nothing like it"}, []),
        ({"kind": "project"}, ["Claims portal"]),
        ({"kind": "product"}, ["Broker app"]),
        ({"stage": "project.initiation"}, ["Claims portal"]),
        ({"stage": "product.early_life"}, ["Broker app"]),
        ({"light": "act"}, ["Claims portal"]),
        ({"light": "na"}, ["Broker app"]),
        ({"q": "%_'\\"}, []),
    ],
)
def test_filters(client, overspent, people, query, found):
    make_product(name="Broker app")
    assert names(get(client, people.pmo, "kpis:portfolio", **query)) == found


@pytest.mark.parametrize("query", [{"light": "purple"}, {"kind": "spaceship"}, {"stage": "x.y"}, {"page": "no"}])
def test_wrong_filters_are_no_error(client, project, people, query):
    assert get(client, people.pmo, "kpis:portfolio", **query).status_code == 200


@pytest.mark.parametrize("sort", ["light", "name", "kind", "stage", "lead", "due", "password", "-name", "-light"])
def test_sorts(client, project, people, sort):
    make_product(name="Broker app")
    page = get(client, people.pmo, "kpis:portfolio", sort=sort)
    assert len(names(page)) == 2
    if sort == "-name":
        assert names(page) == ["Claims portal", "Broker app"]


def test_the_summary_counts_each_light(client, overspent, people):
    make_product(name="Broker app")
    summary = get(client, people.pmo, "kpis:portfolio").context["page"].summary
    assert {one["status"]: one["count"] for one in summary} == {"act": 1, "watch": 0, "ok": 0, "na": 1}


def test_the_number_of_queries_is_constant(client, people, django_assert_max_num_queries, django_assert_num_queries):
    def count():
        with django_assert_max_num_queries(40) as queries:
            get(client, people.pmo, "kpis:portfolio")
        return len(queries)

    make_product()
    count()  # the first page of a session also writes it
    few = count()
    for _ in range(8):
        make_project(), make_product()
    recompute.recompute_all()
    assert count() == few


# --- Thresholds -------------------------------------------------------------------------------------------


@pytest.fixture
def limits(client, people):
    """What the form holds now, to be sent with changes."""
    page = get(client, people.pmo, "kpis:thresholds")
    data = {}
    for group in page.context["groups"]:
        for form in group.forms:
            for field in form:
                data[field.html_name] = "" if field.value() is None else str(field.value())
    return data


def test_only_the_pmo_and_admins(client, people):
    assert get(client, people.alice, "kpis:thresholds").status_code == 403
    assert client.post(reverse("kpis:thresholds"), {}).status_code == 403
    assert get(client, people.admin, "kpis:thresholds").status_code == 200


def test_a_change_is_stored_and_marks_everything(client, project, people, limits):
    recompute.recompute_dirty()
    answer = client.post(reverse("kpis:thresholds"), limits | {"project-high_risks-act": "7"})
    assert answer.status_code == 302
    assert Threshold.objects.get().act == 7
    assert Dirty.objects.filter(subject_type="project", subject_id=project.pk).exists()


def test_nothing_changed_nothing_stored(client, limits):
    client.post(reverse("kpis:thresholds"), limits)
    assert not Threshold.objects.exists()


@pytest.mark.parametrize(
    ("field", "text", "error"),
    [
        ("project-on_time-watch", "0.5", "not less than"),
        ("project-on_time_forecast-watch", "50", "not more than"),
        ("project-on_time-act", "abc", "number"),
        ("project-on_time-act", "", "required"),
        ("project-on_time-act", "NaN", "number"),
        ("project-on_time-act", "9" * 30, "digits"),
    ],
)
def test_bad_limits_are_refused_with_the_typed_text(client, limits, field, text, error):
    answer = client.post(reverse("kpis:thresholds"), limits | {field: text})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert error in page
    assert f'value="{text}"' in page or not text
    assert not Threshold.objects.exists()


# --- Command ----------------------------------------------------------------------------------------------


def test_kpis_as_json(overspent, capsys):
    call_command("kpis", overspent.code, "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["code"]) == ("project", overspent.code)
    spent = next(one for one in told["kpis"] if one["kpi"] == "on_budget")
    assert spent["value"] == 200
    assert spent["status"] == "act"
    assert spent["unit"] == "%"
    assert Decimal(str(spent["inputs"]["actual"])) == 2000
    assert spent["as_of"]
    missing = next(one for one in told["kpis"] if one["kpi"] == "on_time")
    assert missing["value"] is None
    assert "baseline" in missing["reason"]


def test_kpis_as_text(project, capsys):
    call_command("kpis", project.code)
    assert "scope_delivered" in capsys.readouterr().out


def test_an_unknown_code_is_named():
    with pytest.raises(CommandError, match="NOPE"):
        call_command("kpis", "NOPE")


def test_somebody_without_projects_is_told_what_comes(client):
    page = get(client, make_user("New Here"), "kpis:portfolio").content.decode()
    assert "as soon as you have a role" in page
