"""``manage.py evm``: published examples to their printed precision, clear refusals, a project as of a day."""

import datetime
import json
from decimal import Decimal as D
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from projects.models import TimeEntry
from projects.schedule import edits
from tests.projects.earned_value.conftest import told_at

UTC = datetime.UTC


def run(*args):
    out = StringIO()
    call_command("evm", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def table(tmp_path):
    def compute(data):
        path = tmp_path / "table.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data))
        return json.loads(run("--table", str(path), "--json"))

    return compute


# The published examples. What their authors call otherwise:
SAID = {"EAC_cpi_of_project_value": "EAC_cpi"}


@pytest.mark.shared
def test_all_published_examples_come_out_as_printed(table, shared_data):
    path = shared_data / "evm" / "worked-examples.json"
    examples = json.loads(path.read_text())
    found = json.loads(run("--table", str(path), "--json"))["rows"]
    assert [row["name"] for row in found] == [example["id"] for example in examples]
    compared = 0
    for example, row in zip(examples, found, strict=True):
        for name, printed in example["expected"].items():
            key = SAID.get(name, name)
            ours = row["inputs"].get(key, row["results"].get(key))
            if (example["id"], name) == ("pmev-readme", "ETC"):
                # Two decimals more than its printed EV allows: it lies between what EV a half-cent up and down gives.
                ev = example["inputs"]["EV"]
                low, high = (table([{**example["inputs"], "EV": ev + off}])["rows"][0] for off in (0.005, -0.005))
                assert low["results"]["ETC"] <= printed <= high["results"]["ETC"]
            else:
                assert _as_printed(ours, printed), (example["id"], name, ours, printed)
            compared += 1
        for other in example.get("also", []):
            row = table([{**example["inputs"], "EV": other["EV"]}])["rows"][0]
            assert row["results"]["ES"] == other["ES"]
            compared += 1
    assert compared >= 48


def _as_printed(ours, printed):
    """Equal at the decimals the author printed."""
    places = -D(str(printed)).as_tuple().exponent
    return abs(D(str(ours)) - D(str(printed))) <= D(5).scaleb(-places - 1)


def test_rows_by_themselves_or_in_an_object(table):
    rows = [{"name": "a", "PV": 50, "EV": 40, "AC": 45.5, "BAC": 100}, {"pv": 10, "ev": 10, "ac": 0, "bac": 10}]
    answer = table(rows)
    assert answer == table({"rows": rows})
    assert answer["rows"][0]["results"]["CV"] == -5.5
    assert answer["rows"][1]["results"]["CPI"] is None
    assert answer["rows"][1]["reasons"]["CPI"] == "no cost recorded"
    assert answer["total"]["inputs"] == {"PV": 60, "EV": 50, "AC": 45.5, "BAC": 110}
    timed = table({"rows": rows, "PV_cum": [30, 60, 110], "AT": 3})["rows"][0]["results"]
    assert (timed["ES"], timed["SPI_t"]) == (pytest.approx(1 + 2 / 3), pytest.approx(5 / 9))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("{", "line 1: no JSON"),
        ("[]", "The table has no row"),
        ('"x"', "The table is a list of rows"),
        ("[3]", "Row 1: expected an object"),
        ([{"PV": 1, "EV": 1, "AC": 1}], "Row 1: BAC missing"),
        ([{"PV": 1, "EV": 1, "AC": 1, "BAC": 2}, {"name": "b", "BAC": 3}], "Row 2 (b): PV and EV and AC missing"),
        ([{"PV": "1", "EV": 1, "AC": 1, "BAC": 2}], "Row 1, PV: expected a number, got '1'"),
        ([{"PV": -1, "EV": 1, "AC": 1, "BAC": 2}], "Row 1, PV: -1 is below 0"),
        ('[{"PV": NaN, "EV": 1, "AC": 1, "BAC": 2}]', "Row 1, PV: expected a number"),
        ([{"PV": True, "EV": 1, "AC": 1, "BAC": 2}], "Row 1, PV: expected a number, got True"),
        ([{"PV": 1, "EV": 3, "AC": 1, "BAC": 2}], "Row 1: EV is 3, more than the whole budget of 2"),
        ([{"PV": 1, "EV": 1, "AC": 1, "BAC": 2, "EAC": 4}], "Row 1, EAC: no such figure. Known are BAC, PV"),
        ([{"PV": 1, "pv": 1, "EV": 1, "AC": 1, "BAC": 2}], "Row 1, pv: PV is given twice"),
        ([{"planned": 2, "EV": 1, "AC": 1, "BAC": 2}], "Row 1, planned: 2 is above 1"),
        ([{"planned": 0.5, "EV": 1, "AC": 1}], "Row 1: planned needs BAC"),
        ([{"PV_cum": [3, 2], "EV": 1, "AT": 1}], "Row 1, PV_cum: cumulative values never fall, but period 2"),
        ([{"PV_cum": [1, "x"], "EV": 1, "AT": 1}], "Row 1, PV_cum, period 2: expected a number"),
        ([{"PV_cum": [1, 2], "EV": 1}], "Row 1: PV_cum needs AT"),
        ([{"planned_cum": [0.1, 1], "period": 3, "EV": 1, "AC": 1, "BAC": 2}], "Row 1, period: expected a whole"),
        ([{"tasks": []}], "expected a list of at least one row"),
        ([{"PV": 1e30, "EV": 1, "AC": 1, "BAC": 2}], "more than 18 digits"),
    ],
)
def test_what_can_t_be_computed_is_named(table, data, why):
    with pytest.raises(CommandError) as refused:
        table(data)
    assert why in str(refused.value)


def test_a_file_or_a_project_not_both_nor_neither(tmp_path):
    for args in ((), ("X", "--table", "x.json")):
        with pytest.raises(CommandError, match="Name a project's code, or a file"):
            run(*args)
    with pytest.raises(CommandError, match="can't be read"):
        run("--table", str(tmp_path / "none.json"))


@pytest.mark.django_db
def test_a_project_as_of_a_day(project, people, frozen):
    with told_at(datetime.datetime(2026, 1, 7, 9, tzinfo=UTC)):
        task = frozen["A"]
        edits.change_task(task, by=people.alice, percent=50, actual_start=task.start, at=None)
        TimeEntry.objects.create(
            project=project, task=task, user=people.bob, day=datetime.date(2026, 1, 7), minutes=60, cost=D("2500.50")
        )
    told = json.loads(run(project.code, "--as-of", "2026-01-07", "--json"))
    assert told["inputs"] == {"PV": 2900, "EV": 2000, "AC": 2500.5, "BAC": 10500}
    assert told["results"]["CPI"] == pytest.approx(2000 / 2500.5)
    assert (told["as_of"], told["baseline"], told["basis"]) == ("2026-01-07", "First", "baseline cost")
    assert sum(task["EV"] for task in told["tasks"]) == 2000
    assert json.loads(run(project.code, "--as-of", "2026-01-06", "--json"))["inputs"]["AC"] == 0
    assert "CPI" in run(project.code)
    nothing = json.loads(run(project.code, "--as-of", "2026-01-01", "--json"))
    assert nothing["inputs"]["PV"] is None
    assert nothing["not_available"].startswith("No baseline was active")
    for text, why in (("x", "no day"), ("2199-01-01", "lies ahead")):
        with pytest.raises(CommandError, match=why):
            run(project.code, "--as-of", text)
    with pytest.raises(CommandError, match="no project with the code NONE"):
        run("NONE")
