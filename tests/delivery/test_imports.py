"""The import commands on real files: their counts, and that a refusal leaves nothing behind."""

import datetime
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from delivery.models import Answer, Check, Issue
from delivery.performance import figures
from projects.risks.models import Risk
from tests.factories import make_project

pytestmark = pytest.mark.django_db


def run(command, *args):
    out = StringIO()
    call_command(command, *args, "--json", stdout=out)
    return json.loads(out.getvalue())


def refused(command, *args):
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command(command, *args, "--json", stdout=out)
    return json.loads(out.getvalue())["problems"]


@pytest.fixture
def write(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "file.csv"
        path.write_bytes(text.encode(encoding))
        return str(path)

    return write


# --- Issues -----------------------------------------------------------------------------------------------


@pytest.mark.shared
def test_public_jira(product, shared_data):
    file = str(shared_data / "issues" / "public-jira-time-estimates.csv")
    expected = json.loads((shared_data / "issues" / "expected.json").read_text())["public-jira-time-estimates.csv"]
    dry = run("import_issues", file, "--product", "CLAIMS", "--dry-run")
    assert (dry["imported"], dry["rows"], Issue.objects.count()) == (False, 2480, 0)

    report = run("import_issues", file, "--product", "CLAIMS")
    assert report["added"] == expected["rows"] == Issue.objects.count()
    priorities = {word or "nan": count for word, count in report["priorities"].items()}
    assert priorities == expected["by_priority"]
    types = report["issue_types"]
    assert {name: types[name] for name in expected["by_type_top5"]} == expected["by_type_top5"]
    assert Issue.objects.exclude(resolved_at=None).count() == expected["resolved"]
    lengths = sorted(
        (resolved - created).total_seconds() / 3600
        for created, resolved in Issue.objects.exclude(resolved_at=None).values_list("created_at", "resolved_at")
    )
    assert sum(lengths) / len(lengths) == pytest.approx(expected["mean_time_to_resolve_h"], abs=0.01)
    assert lengths[len(lengths) // 2 - 1] <= expected["median_time_to_resolve_h"] <= lengths[len(lengths) // 2]
    assert report["severities"]["Blocker"] == report["severities"]["P1: Critical"] == 1
    assert report["severities"]["Major"] == 2
    assert report["severities"][""] == 3
    # What was promised elsewhere has no clock of ours.
    assert not Issue.objects.exclude(resolution_due=None).exists()
    assert not Issue.objects.overdue().exists()

    again = run("import_issues", file, "--product", "CLAIMS")
    assert (again["added"], again["known"]) == (0, 2480)
    assert Issue.objects.count() == 2480


@pytest.mark.shared
def test_agile_jira_keeps_and_flags_negative_times(product, shared_data):
    file = str(shared_data / "issues" / "agile-project-jira.csv")
    expected = json.loads((shared_data / "issues" / "expected.json").read_text())["agile-project-jira.csv"]
    report = run("import_issues", file, "--product", "CLAIMS")
    assert report["added"] == expected["rows"]
    assert report["flagged"] == expected["negative_cycle_times"]
    flagged = Issue.objects.exclude(data_problem="")
    assert flagged.count() == expected["negative_cycle_times"]
    first = flagged.get(external_ref="P0-T5052")
    assert (first.created_at.date(), first.resolved_at.date()) == (datetime.date(2015, 2, 5), datetime.date(2015, 2, 4))
    created = Issue.objects.order_by("created_at").values_list("created_at", flat=True)
    assert created.first().date().isoformat() == expected["min_created"]


def test_columns_and_priorities_can_be_mapped(product, write):
    file = write("What;Prio;When\nLogin fails;Ouch;2026-01-05\nExport slow;low;28/Nov/25 5:03 PM\n")
    problems = refused("import_issues", file, "--product", "CLAIMS", "--map", "What=title", "--map", "Prio=severity")
    assert [(p["line"], p["column"], p["value"]) for p in problems] == [(2, "Prio", "Ouch")]
    assert not Issue.objects.exists()
    run(
        "import_issues", file, "--product", "CLAIMS", "--map", "What=title", "--map", "Prio=severity",
        "--map", "When=created", "--severity", "Ouch=critical",
    )  # fmt: skip
    assert list(Issue.objects.order_by("number").values_list("title", "severity", "state")) == [
        ("Login fails", 1, "new"),
        ("Export slow", 4, "new"),
    ]


def test_one_bad_date_refuses_the_whole_file(product, write):
    file = write("Summary,Created\nGood,2026-01-05\nBad,tomorrow\n")
    problems = refused("import_issues", file, "--product", "CLAIMS")
    assert [(p["line"], p["column"], p["value"]) for p in problems] == [(3, "Created", "tomorrow")]
    assert "2026-11-23" in problems[0]["accepted"]
    assert not Issue.objects.exists()


def test_refusals_for_people(product, write, tmp_path):
    with pytest.raises(CommandError, match="no product"):
        call_command("import_issues", write("a,b\n1,2\n"), "--product", "NOPE")
    with pytest.raises(CommandError, match="can't be read"):
        call_command("import_issues", str(tmp_path / "missing.csv"), "--product", "CLAIMS")
    with pytest.raises(CommandError, match="must hold the title"):
        call_command("import_issues", write("a,b\n1,2\n"), "--product", "CLAIMS")
    with pytest.raises(CommandError, match="COLUMN=FIELD"):
        call_command("import_issues", write("a,b\n1,2\n"), "--product", "CLAIMS", "--map", "x")


# --- Surveys ----------------------------------------------------------------------------------------------


@pytest.mark.shared
def test_sfo_survey(product, shared_data):
    file = str(shared_data / "csat" / "sfo-airport-survey-2017.csv")
    report = run("import_survey", file, "--product", "CLAIMS", "--wave", "May 2017")
    nps, csat = report["indices"]["nps"], report["indices"]["csat"]
    assert (nps["n"], nps["promoters"], nps["passives"], nps["detractors"]) == (2746, 1436, 968, 342)
    assert nps["value"] == pytest.approx(39.8398, abs=5e-5)
    assert (csat["n"], csat["value"]) == (2688, pytest.approx(82.0685, abs=5e-5))
    assert report["no_answers"] == {"satisfaction": {"Blank": 143}, "recommendation": {"11": 84, "": 1}}
    assert Answer.objects.count() + report["without_answer"] == 2831
    survey = product.surveys.get(name="May 2017")
    assert survey.opens_at.date() == datetime.date(2017, 5, 5)
    assert not survey.is_open
    again = run("import_survey", file, "--product", "CLAIMS", "--wave", "May 2017")
    assert again["added"] == 0

    food = run(
        "import_survey", file, "--product", "CLAIMS", "--wave", "Food", "--satisfaction-column", "food_rating_1to5",
        "--dry-run",
    )  # fmt: skip
    assert food["indices"]["csat"]["value"] == pytest.approx(55.7208, abs=5e-5)
    assert not product.surveys.filter(name="Food").exists()


def test_a_survey_with_words_for_numbers_is_refused(product, write):
    file = write("id,csat,nps\n1,5,10\n2,good,7\n2,4,8\n")
    problems = refused("import_survey", file, "--product", "CLAIMS", "--wave", "W")
    assert (problems[0]["line"], problems[0]["value"]) == (3, "good")
    assert any("once" in problem["accepted"] for problem in problems)
    assert not Answer.objects.exists()


# --- Checks -----------------------------------------------------------------------------------------------


@pytest.mark.shared
def test_upptime_checks(product, shared_data):
    file = str(shared_data / "production" / "upptime-checks-pwv.csv")
    expected = json.loads((shared_data / "production" / "expected-upptime-pwv.json").read_text())
    report = run("import_checks", file, "--product", "CLAIMS")
    assert (report["rows"], report["added"], Check.objects.count()) == (461, 461, 461)
    shown = {row["service"]: row for row in figures.services(product)}
    assert set(report["services"]) == set(expected) == set(shown)
    for name, figures_ in expected.items():
        mine = report["services"][name]
        assert (mine["checks"], mine["up"]) == (figures_["checks"], figures_["up"])
        assert mine["availability_pct_by_checks"] == pytest.approx(figures_["availability_pct_by_checks"], abs=5e-5)
        for key in ("mean_ms_up", "p50_ms_up", "p95_ms_up_linear"):
            assert mine[key] == (figures_[key] if figures_[key] is None else pytest.approx(figures_[key], abs=0.006))
        # The page computes the same in the database.
        page = shown[name]
        assert page["percent"] == pytest.approx(figures_["availability_pct_by_checks"], abs=5e-5)
        p95 = figures_["p95_ms_up_linear"]
        assert page["p95_ms"] == (p95 if p95 is None else pytest.approx(p95, abs=0.006))
    assert run("import_checks", file, "--product", "CLAIMS")["added"] == 0


# --- Risks ------------------------------------------------------------------------------------------------


@pytest.mark.shared
def test_usace_register(shared_data):
    project = make_project(code="LOCK")
    file = str(shared_data / "risks" / "usace-lock-dam-risk-register.csv")
    expected = json.loads((shared_data / "risks" / "expected-usace.json").read_text())
    dry = run("import_risks", file, "--project", "LOCK", "--dry-run")
    assert (dry["rows"], Risk.objects.count()) == (49, 0)
    report = run("import_risks", file, "--project", "LOCK")
    for key in ("by_cost_risk", "by_schedule_risk", "by_status", "by_category"):
        assert report[key] == expected[key], key
    assert report["cost_matrix"] == expected["cost_matrix_observed(likelihood|impact -> level)"]
    assert report["schedule_matrix"] == expected["schedule_matrix_observed"]
    assert project.risks.count() == 49
    assert project.risks.open().count() == 47
    assert project.risks.filter(is_opportunity=True).count() == 3
    unscored = project.risks.filter(probability=None)
    assert unscored.count() == report["unscored"] == 2
    assert report["scored"] == 47
    staging = project.risks.get(number=1)
    assert (staging.probability, staging.impact, staging.response) == (4, 3, "mitigate")
    assert "Cost: Likely × Significant = High ($24-$56 Million)" in staging.description
    assert "Number elsewhere: TR-11" in staging.description
    assert run("import_risks", file, "--project", "LOCK")["added"] == 0


def test_a_register_with_unknown_words_is_refused(write):
    make_project(code="LOCK")
    problems = refused("import_risks", write("Risk,Likelihood,Impact\nFire,often,5\n"), "--project", "LOCK")
    assert (problems[0]["line"], problems[0]["column"], problems[0]["value"]) == (2, "Likelihood", "often")
    assert not Risk.objects.exists()
