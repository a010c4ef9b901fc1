"""A made-up plan of any length in the shape of the plan's data.json: what the benches of the browser draw."""

import random
from datetime import date, datetime, timedelta
from typing import Any

FIELDS = [
    "uid", "number", "parent", "level", "summary", "wbs", "name", "mode", "milestone", "active", "duration", "minutes",
    "elapsed", "percent", "start", "finish", "early_start", "early_finish", "late_start", "late_finish", "total_float",
    "free_float", "critical", "constraint", "constraint_date", "deadline", "actual_start", "actual_finish",
    "predecessors", "people", "calendar", "version", "baseline_start", "baseline_finish", "splits", "late", "violated",
    "notes",
]  # fmt: skip
FIRST = date(2026, 1, 5)
PEOPLE = ["Ann Lee", "Bo Chen", "Cem Arda", "Dora Weiss", "Emil Okafor"]
WORK = ["Draw", "Agree", "Build", "Test", "Install", "Review", "Deliver", "Measure"]
THING = ["foundations", "interface", "report", "pump house", "data model", "training", "acceptance", "cabling"]


def plan_data(count: int, seed: int = 7) -> dict[str, Any]:
    """``count`` tasks in summaries of nine, 1.5 links a task, a twentieth of them milestones."""
    dice = random.Random(seed)
    rows: list[dict[str, Any]] = []
    links = []
    summary = None
    day = FIRST
    for uid in range(1, count + 1):
        values: dict[str, Any] = dict.fromkeys(FIELDS)
        leads = uid % 10 == 1
        length = dice.randint(1, 9)
        start = day + timedelta(days=dice.randint(0, 12))
        start += timedelta(days=(7 - start.weekday()) % 7 if start.weekday() > 4 else 0)
        milestone = not leads and uid % 20 == 0
        finish = start if milestone else _after(start, length)
        critical = dice.random() < 0.2
        values |= {
            "uid": uid, "number": uid, "parent": None if leads else summary, "level": 1 if leads else 2,
            "summary": leads, "wbs": f"{(uid - 1) // 10 + 1}" + ("" if leads else f".{(uid - 1) % 10}"),
            "name": f"{dice.choice(WORK)} {dice.choice(THING)} {uid}", "mode": "auto", "milestone": milestone,
            "active": True, "duration": "0d" if milestone else f"{length}d",
            "minutes": 0 if milestone else length * 480,
            "elapsed": False, "percent": dice.choice([0, 0, 0, 50, 100]), "start": _at(start, 8),
            "finish": _at(finish, 8 if milestone else 17), "late_finish": _at(finish + timedelta(days=7), 17),
            "total_float": 0 if critical else 2400, "free_float": 0, "critical": critical, "constraint": 0,
            "predecessors": "", "people": "" if leads else dice.choice(PEOPLE), "version": 1, "splits": [], "late": "",
            "violated": "", "notes": "", "baseline_start": _at(start - timedelta(days=2), 8),
            "baseline_finish": _at(finish - timedelta(days=2), 17),
        }  # fmt: skip
        if leads:
            summary = uid
        else:
            for _turn in range(2 if uid % 2 else 1):
                before = dice.randint(max(1, uid - 15), uid - 1)
                if before % 10 != 1 and [before, uid, "FS", 0, "working"] not in links[-4:]:
                    links.append([before, uid, "FS", 0, "working"])
        rows.append(values)
        if uid % 10 == 0:
            day += timedelta(days=max(1, 9000 // count))
    _roll_up(rows)
    return {
        "revision": 1,
        "project": {
            "code": "BENCH", "name": "Bench", "start": min(row["start"] for row in rows),
            "finish": max(row["finish"] for row in rows), "status_date": None, "today": _at(FIRST + timedelta(30), 9),
            "time_zone": "Europe/Berlin", "minutes_per_day": 480, "minutes_per_week": 2400, "days_per_month": 20,
            "locked": "",
        },
        "can": {"edit": True, "progress": True, "cost": False},
        "calendar": 0,
        "calendars": {"0": {"name": "Standard", "week": [[["08:00", "12:00"], ["13:00", "17:00"]]] * 5 + [[], []],
                            "exceptions": []}},
        "fields": FIELDS,
        "tasks": [[row[field] for field in FIELDS] for row in rows],
        "links": links,
        "people": [{"name": name, "resource": at, "user": None} for at, name in enumerate(PEOPLE)],
        "baselines": [{"number": 0, "name": "As approved", "active": True}],
        "undo": {"undo": None, "redo": None},
    }  # fmt: skip


def _roll_up(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        if row["summary"]:
            below = [one for one in rows[row["number"] : row["number"] + 9] if not one["summary"]]
            if below:
                row["start"] = min(one["start"] for one in below)
                row["finish"] = max(one["finish"] for one in below)


def _after(start: date, length: int) -> date:
    day = start
    for _day in range(length - 1):
        day += timedelta(days=3 if day.weekday() == 4 else 1)
    return day


def _at(day: date, hour: int) -> str:
    return datetime(day.year, day.month, day.day, hour).isoformat(timespec="minutes")
