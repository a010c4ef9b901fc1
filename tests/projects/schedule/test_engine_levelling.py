"""Levelling: nobody has more to do at once than they can, links hold, and the finish slips little."""

import csv
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmdm.worktime.engine import ALWAYS, WorkCalendar
from projects.schedule.engine import (
    Capacity,
    Constraint,
    LinkIn,
    LinkType,
    Mode,
    Network,
    NetworkError,
    TaskIn,
    level,
    overallocations,
    schedule,
)
from projects.schedule.engine.levelling import resources_of
from tests.projects.schedule.networks import CALENDARS, STANDARD, START, networks, tried

DAY = 480
ONE = {"ann": Capacity()}


def jan(day, hour=8):
    return datetime(2026, 1, day, hour)


def levelled(tasks, links=(), demands=None, capacities=ONE, calendar=STANDARD, **options):
    network = Network(tasks, links, CALENDARS)
    if demands is None:
        demands = {task.id: {"ann": 1} for task in tasks}
    return level(network, START, calendar, demands, capacities, **options)


def starts(result):
    return {i: task.start for i, task in result.after.tasks.items()}


# An independent check: every minute of every task, counted one by one


def is_feasible(network, result, calendar, demands, capacities, step=30):
    """Whether links and capacities hold at every ``step`` minutes of the plan; lags are in working minutes."""
    tasks = {task.id: task for task in network.tasks}

    def own(task):
        return calendar if task.calendar is None else network.calendars[task.calendar]

    for link in network.links:
        before, after = result.tasks[link.predecessor], result.tasks[link.successor]
        held = before.finish if link.type in ("FS", "FF") else before.start
        moved = after.start if link.type in ("FS", "SS") else after.finish
        if own(tasks[link.successor]).between(held, moved) < link.lag:
            return False
    used = {}
    for task, wanted in demands.items():
        out, at = result.tasks[task], result.tasks[task].start
        while at < out.finish:
            if own(tasks[task]).is_working(at):
                for resource, units in wanted.items():
                    used[resource, at] = used.get((resource, at), 0) + units
            at += timedelta(minutes=step)
    for (resource, at), units in used.items():
        free = capacities[resource].units
        for begin, end, other in capacities[resource].changes:
            if begin <= at < end:
                free = other
        if units > free + 1e-9:
            return False
    return True


# Single cases


def test_two_tasks_of_one_person_go_one_after_the_other():
    result = levelled([TaskIn("a", 2 * DAY), TaskIn("b", DAY)])
    assert sorted(starts(result).values()) == [jan(5), jan(6)] or sorted(starts(result).values()) == [jan(5), jan(7)]
    assert result.finish == (jan(6, 17), jan(7, 17))
    (delay,) = result.delays
    assert delay.resources == ("ann",)
    assert delay.minutes == STANDARD.between(*delay.start) > 0
    assert resources_of(result.delays) == {"ann": 1}
    assert len(result.overallocated_before) == 1
    assert result.overallocated == ()


def test_what_is_not_overallocated_stays():
    result = levelled([TaskIn("a", DAY), TaskIn("b", DAY)], capacities={"ann": Capacity(2)})
    assert (result.delays, result.after) == ((), result.before)
    halves = {"a": {"ann": 0.5}, "b": {"ann": 0.5}}
    assert levelled([TaskIn("a", DAY), TaskIn("b", DAY)], demands=halves).delays == ()


def test_tasks_move_inside_their_float_before_the_finish_slips():
    tasks = [TaskIn("long", 5 * DAY), TaskIn("short", DAY), TaskIn("chain", 2 * DAY), TaskIn("end", DAY)]
    links = [LinkIn("chain", "end")]
    demands = {"short": {"ann": 1}, "chain": {"ann": 1}}
    result = levelled(tasks, links, demands)
    assert result.finish == (jan(9, 17), jan(9, 17))
    assert result.overallocated == ()
    assert len(result.delays) >= 1


def test_within_float_leaves_what_does_not_fit_and_says_so():
    tasks = [TaskIn("a", 2 * DAY), TaskIn("b", 2 * DAY)]
    result = levelled(tasks, mode=Mode.WITHIN_FLOAT)
    assert result.delays == ()
    (left,) = result.overallocated
    assert (left.resource, left.begin, left.end, left.units, left.capacity) == ("ann", jan(5), jan(6, 17), 2, 1)
    assert set(left.tasks) == {"a", "b"}


def test_successors_follow_without_a_delay_of_their_own():
    tasks = [TaskIn("a", 2 * DAY), TaskIn("b", DAY), TaskIn("c", DAY)]
    result = levelled(tasks, [LinkIn("b", "c")], {"a": {"ann": 1}, "b": {"ann": 1}}, priorities={"a": 900})
    own = {delay.task: delay.minutes for delay in result.delays}
    assert own == {"b": 2 * DAY, "c": 0}
    assert result.after.tasks["c"].start == jan(8)


def test_a_higher_priority_goes_first():
    tasks = [TaskIn("a", DAY), TaskIn("b", DAY), TaskIn("c", DAY)]
    for first in "abc":
        assert starts(levelled(tasks, priorities={first: 900}))[first] == jan(5)


@pytest.mark.parametrize(
    "fixed",
    [
        TaskIn("fixed", 2 * DAY, percent=10, actual_start=jan(5)),
        TaskIn("fixed", 2 * DAY, manual=True, manual_start=jan(5)),
        TaskIn("fixed", 2 * DAY, constraint=Constraint.MSO, constraint_date=jan(5)),
        TaskIn("fixed", 2 * DAY, constraint=Constraint.FNLT, constraint_date=jan(6, 17)),
    ],
)
def test_started_manual_and_held_tasks_stay_and_others_go_round_them(fixed):
    result = levelled([TaskIn("free", DAY), fixed])
    assert starts(result) == {"fixed": jan(5), "free": jan(7)}
    frozen = levelled([TaskIn("free", DAY), TaskIn("fixed", 2 * DAY)], frozen={"fixed"})
    assert starts(frozen)["fixed"] == jan(5)
    kept = levelled([TaskIn("free", DAY), TaskIn("fixed", 2 * DAY)], priorities={"fixed": 1_000})
    assert starts(kept)["fixed"] == jan(5)


def test_two_fixed_tasks_stay_overallocated():
    tasks = [TaskIn(i, DAY, manual=True, manual_start=jan(5)) for i in "ab"]
    result = levelled(tasks)
    assert result.delays == ()
    assert [each.tasks for each in result.overallocated] == [("a", "b")]


def test_what_is_done_takes_nobodys_time():
    done = TaskIn("done", DAY, percent=100, actual_start=jan(5), actual_finish=jan(5, 17))
    assert levelled([done, TaskIn("a", DAY)]).delays == ()


def test_an_absence_is_worked_around():
    away = {"ann": Capacity(1, ((jan(6, 0), jan(8, 0), 0),))}
    result = levelled([TaskIn("a", DAY), TaskIn("b", 2 * DAY)], capacities=away)
    assert starts(result) == {"a": jan(5), "b": jan(8)}
    assert result.overallocated == ()
    free = levelled(
        [TaskIn("a", 2 * DAY, calendar="holidays")], capacities={"ann": Capacity(1, ((jan(6), jan(9), 0),))}
    )
    assert free.delays == ()  # its calendar does not work on those days anyway


def test_a_task_that_asks_for_more_than_there_is_stays_and_is_reported():
    result = levelled([TaskIn("a", DAY)], demands={"a": {"ann": 2}})
    assert result.delays == ()
    assert result.overallocated[0].units == 2
    gone = levelled([TaskIn("a", DAY)], capacities={"ann": Capacity(1, ((jan(1), datetime(2299, 1, 1), 0),))})
    assert gone.delays == ()


def test_demands_need_a_capacity():
    with pytest.raises(NetworkError, match="bob"):
        levelled([TaskIn("a", DAY)], demands={"a": {"bob": 1}})


def test_tasks_of_day_and_night_shifts_share_a_machine():
    night = {"night": WorkCalendar((((0, 360), (1320, 1440)),) * 7)}
    network = Network([TaskIn("day", DAY), TaskIn("night", DAY, calendar="night")], (), night)
    result = level(network, START, STANDARD, {"day": {"m": 1}, "night": {"m": 1}}, {"m": Capacity()})
    assert result.delays == ()
    assert result.overallocated == ()


def test_progress_is_told_and_may_stop_it_with_what_was_found():
    tasks = [TaskIn(i, (1 + i % 3) * DAY) for i in range(12)]
    demands = {i: {"ann": 0.6 if i % 2 else 0.3} for i in range(12)}
    told = []

    def stop(done, of):
        told.append((done, of))
        return done < 3

    result = levelled(tasks, (), demands, passes=50, progress=stop)
    assert told == [(1, 50), (2, 50), (3, 50)]
    assert result.overallocated == ()


# Whatever the plan

crews = st.sampled_from(["x", "y", "z"])


@st.composite
def staffed(draw, **options):
    network = draw(networks(**options))
    demands = {
        task.id: draw(st.dictionaries(crews, st.sampled_from([0.5, 1, 2]), max_size=2)) for task in network.tasks
    }
    begin = START + timedelta(days=draw(st.integers(0, 9)))
    absence = ((begin, begin + timedelta(days=draw(st.integers(1, 4))), draw(st.sampled_from([0, 1]))),)
    capacities = {"x": Capacity(2), "y": Capacity(3), "z": Capacity(2, absence)}
    return network, demands, capacities


@tried
@given(staffed(types=(LinkType.FS, LinkType.SS)))
def test_levelled_plans_are_feasible_and_follow_their_delays(plan):
    network, demands, capacities = plan
    result = level(network, START, STANDARD, demands, capacities, seed=3, passes=8)
    assert is_feasible(network, result.after, STANDARD, demands, capacities)
    assert result.overallocated == ()
    again = level(network, START, STANDARD, demands, capacities, seed=3, passes=8)
    assert again == result
    assert schedule(result.network, START, STANDARD) == result.after
    assert result.after.finish >= result.before.finish
    for task in result.after.tasks.values():
        assert task.start >= result.before.tasks[task.id].start
    moved = {delay.task for delay in result.delays}
    assert all(bool(delay.resources) == (delay.minutes > 0) for delay in result.delays)
    assert moved == {i for i, out in result.after.tasks.items() if out.start != result.before.tasks[i].start}


@tried
@given(staffed(types=tuple(LinkType), calendars=(None, *CALENDARS)))
def test_whatever_the_calendars_no_overallocation_is_left_where_all_may_move(plan):
    network, demands, capacities = plan
    result = level(network, START, STANDARD, demands, capacities, passes=8)
    assert is_feasible(network, result.after, STANDARD, demands, capacities)
    assert result.overallocated == ()


@tried
@given(staffed())
def test_within_float_never_moves_the_finish(plan):
    network, demands, capacities = plan
    result = level(network, START, STANDARD, demands, capacities, mode=Mode.WITHIN_FLOAT)
    assert result.after.finish == result.before.finish


@tried
@given(staffed())
def test_overallocations_are_those_counted_minute_by_minute(plan):
    network, demands, capacities = plan
    result = schedule(network, START, STANDARD)
    found = overallocations(network, result, STANDARD, demands, capacities)
    links_only = is_feasible(Network(network.tasks, ()), result, STANDARD, demands, capacities)
    assert (not found) == links_only


# Public instances


def read_sm(text):
    """Network, demands and capacities of a PSPLIB .sm file; a period is a minute."""
    lines = text.splitlines()

    def rows(heading, skip):
        found = []
        for line in lines[lines.index(heading) + skip :]:
            if line.startswith("*"):
                break
            found.append([int(word) for word in line.split()])
        return found

    links = [LinkIn(row[0], after) for row in rows("PRECEDENCE RELATIONS:", 2) for after in row[3:]]
    jobs = rows("REQUESTS/DURATIONS:", 3)
    capacities = {r: Capacity(units) for r, units in enumerate(rows("RESOURCEAVAILABILITIES:", 2)[0])}
    demands = {job[0]: {r: units for r, units in enumerate(job[3:]) if units} for job in jobs}
    return Network([TaskIn(job[0], job[2]) for job in jobs], links), demands, capacities


def read_rcp(text):
    """The same of a file in Patterson's format."""
    numbers = iter(map(int, text.split()))
    jobs, kinds = next(numbers), next(numbers)
    capacities = {r: Capacity(next(numbers)) for r in range(kinds)}
    tasks, links, demands = [], [], {}
    for job in range(1, jobs + 1):
        tasks.append(TaskIn(job, next(numbers)))
        demands[job] = {r: units for r in range(kinds) if (units := next(numbers))}
        links += [LinkIn(job, next(numbers)) for _ in range(next(numbers))]
    return Network(tasks, links), demands, capacities


MIDNIGHT = datetime(2026, 1, 5)


def periods(result):
    return (result.after.finish - MIDNIGHT) // timedelta(minutes=1)


@pytest.mark.shared
def test_the_mean_gap_to_the_optima_of_psplib_is_under_three_percent(shared_data):
    folder = shared_data / "scheduling-psplib"
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    gaps = []
    for row in expected:
        network, demands, capacities = read_sm((folder / "j30" / row["file"]).read_text())
        result = level(network, MIDNIGHT, ALWAYS, demands, capacities, seed=1)
        optimum = int(row["optimal_makespan_with_resources"])
        assert is_feasible(network, result.after, ALWAYS, demands, capacities, step=1), row["file"]
        assert result.overallocated == ()
        assert periods(result) >= optimum, row["file"]
        gaps.append(periods(result) / optimum - 1)
    assert len(gaps) == 24
    assert sum(gaps) / len(gaps) < 0.03


@pytest.mark.shared
def test_a_network_of_three_hundred_is_levelled_without_breaking_anything(shared_data):
    text = (shared_data / "scheduling-psplib" / "patterson" / "RG300_1.rcp").read_text()
    network, demands, capacities = read_rcp(text)
    assert len(network.tasks) == 302
    result = level(network, MIDNIGHT, ALWAYS, demands, capacities, passes=8)
    assert is_feasible(network, result.after, ALWAYS, demands, capacities, step=1)
    work = max(
        sum(task.duration_minutes * demands[task.id].get(r, 0) for task in network.tasks) / capacity.units
        for r, capacity in capacities.items()
    )
    assert periods(result) >= max(work, (result.before.finish - MIDNIGHT) / timedelta(minutes=1))
