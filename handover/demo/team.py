"""The people of the demo: skills, hours and absences; who works on what; the weeks of timesheets in all their states.

It has dice of its own, so that what it throws changes nothing in the other stories.
"""

import datetime
import random
from collections.abc import Sequence
from decimal import Decimal

from handover.demo.people import Company
from handover.demo.timeline import DAY, HOUR, WEEK, acting
from pmdm.accounts.models import Skill
from pmdm.accounts.skills import set_skill
from pmdm.worktime.verbs import add_absence, set_hours
from projects.models import Project, TimeEntry, TimesheetPart
from projects.schedule import edits
from projects.team.staffing import add_generic
from projects.timesheets import verbs as timesheets
from projects.timesheets.locking import monday_of

SEED = 41
SKILLS = [
    "Architecture", "Backend", "Business analysis", "Data engineering", "Design", "Frontend", "Integration", "Mobile",
    "Operations", "Project management", "Testing", "Training",
]  # fmt: skip
# Who can do what, from 1 (learning) to 4 (expert).
HAVE = {
    "sana": {"Backend": 4, "Architecture": 3, "Integration": 3},
    "liam": {"Backend": 3, "Operations": 2},
    "chloe": {"Frontend": 4, "Design": 2},
    "dmitri": {"Backend": 4, "Data engineering": 2},
    "yara": {"Data engineering": 4, "Backend": 2},
    "ben": {"Mobile": 4, "Frontend": 3},
    "anya": {"Design": 4, "Frontend": 2, "Training": 2},
    "kofi": {"Integration": 4, "Backend": 2},
    "elin": {"Architecture": 4, "Backend": 3, "Integration": 3},
    "marco": {"Operations": 4, "Integration": 2},
    "tess": {"Testing": 4, "Training": 3},
    "arjun": {"Testing": 3, "Data engineering": 1},
    "fiona": {"Business analysis": 4, "Training": 3},
    "luca": {"Business analysis": 3, "Testing": 1},
    "ines": {"Project management": 4, "Business analysis": 3},
    "rafael": {"Project management": 3},
    "hanna": {"Project management": 4},
    "samuel": {"Project management": 2, "Business analysis": 3},
}
# Share of the office hours; the others work all of them.
PART_TIME = {"anya": 60, "luca": 80, "kofi": 90}
# What a task needs; who of the team has it best gets it, with so much of their time.
NEEDS = {
    "Stakeholders and interviews": ("Business analysis", 50),
    "Requirements workshops": ("Business analysis", 80),
    "Solution design": ("Architecture", 60),
    "Interface agreements": ("Integration", 40),
    "Schedule and budget": ("Project management", 40),
    "Environments and pipelines": ("Operations", 60),
    "Data model and migration": ("Data engineering", 60),
    "Core services": ("Backend", 60),
    "User interface": ("Frontend", 60),
    "Integrations": ("Integration", 60),
    "Reporting": ("Data engineering", 40),
    "Test preparation": ("Testing", 50),
    "System test": ("Testing", 80),
    "Security test": ("Testing", 50),
    "Load test": ("Testing", 100),
    "Acceptance test with the client": ("Business analysis", 50),
    "Corrections": ("Backend", 60),
    "Operating manual": ("Operations", 40),
    "Training of users and support": ("Training", 50),
    "Pilot": ("Operations", 40),
    "Early watch": ("Backend", 30),
    "Closing report": ("Project management", 40),
}
# Nobody is named for it yet.
GENERIC, GENERIC_TASK = "2 testers", "Load test"
WEEKS = 5  # of timesheets; before that the house wrote its hours down elsewhere
NOTES = ["Workshops and notes", "Implementation", "Reviews", "Fixes after the test", "Alignment with the client", ""]


def found_team(company: Company, now: datetime.datetime) -> None:
    """Skills, hours and absences, entered when people came or planned their year."""
    dice = random.Random(SEED)
    begin = (now - 760 * DAY).date()
    skills = {name: Skill.objects.get_or_create(name=name)[0] for name in SKILLS}
    admin = company["admin"]
    for key, person in company.people.items():
        if person.organisation_id:
            continue
        set_hours(person, by=admin, valid_from=begin, calendar=company.office)
        if key in PART_TIME:
            set_hours(
                person, by=admin, valid_from=(now - 300 * DAY).date(), calendar=company.office, percent=PART_TIME[key]
            )
        for name, level in HAVE.get(key, {}).items():
            set_skill(person, skills[name], by=person, level=level)
        _absences(person, now, dice)


def _absences(person, now: datetime.datetime, dice: random.Random) -> None:
    """Holidays past and to come, some days ill, a morning off; none overlap, since each lies in a stretch of its own."""
    monday = monday_of(now.date())
    for weeks, kind, days in ((-40, "vacation", 12), (-15, "vacation", 5), (6, "vacation", 10), (14, "vacation", 5)):
        first = monday + (weeks + dice.randrange(0, 5)) * WEEK
        add_absence(person, by=person, first=first, last=first + (days - 1) * DAY, kind=kind)
    if dice.random() < 0.5:
        first = monday - dice.randrange(20, 30) * WEEK + dice.randrange(0, 3) * DAY
        add_absence(person, by=person, first=first, last=first + dice.randrange(0, 2) * DAY, kind="sick")
    if dice.random() < 0.3:
        add_absence(person, by=person, first=monday + 2 * WEEK + 4 * DAY, kind="other", part="afternoon")
    if dice.random() < 0.25:
        first = monday + dice.randrange(1, 4) * WEEK
        add_absence(person, by=person, first=first, last=first + DAY, kind="training", note="Course")


def shared_out(team: Sequence[str], tasks: Sequence[str], *, turn: int) -> dict[str, str]:
    """Which of the tasks under way each of the team works on; each task has somebody where there are enough.

    Whoever of those left can do a task best gets it, beginning with another task each turn; who is left over helps
    where they can do the most.
    """
    if not tasks:
        return {}
    first = turn % len(tasks)
    free, work = list(team), {}
    for task in [*tasks[first:], *tasks[:first]][: len(team)]:
        best = max(free, key=lambda key: _level(key, task))
        free.remove(best)
        work[best] = task
    return work | {key: max(tasks, key=lambda task: _level(key, task)) for key in free}


def _level(key: str, task: str) -> int:
    skill, _units = NEEDS.get(task, ("", 0))
    return HAVE.get(key, {}).get(skill, 0)


def staff_projects(company: Company, now: datetime.datetime) -> None:
    """Every open plan says who works on what; in the plan, not in what was booked."""
    levels = {company[key].pk: skills for key, skills in HAVE.items()}
    for project in Project.objects.open().order_by("pk"):
        team = [m.user for m in project.memberships.filter(role="member").select_related("user").order_by("pk")]
        manager = project.manager
        tasks = list(project.tasks.filter(is_summary=False).exclude(duration=0).order_by("number"))
        if not team or not tasks:
            continue
        with acting(manager, min(now, project.created_at + 7 * DAY)):
            for task in tasks:
                task.project = project
                skill, units = NEEDS.get(task.name, ("", 50))
                if task.name == GENERIC_TASK and task.percent == 0:
                    testers = add_generic(
                        project, by=manager, name=GENERIC, units=200, skill=Skill.objects.get(name="Testing")
                    )
                    person = edits.Person(resource=testers, units=Decimal(200))
                else:
                    crew = [*team, manager] if skill == "Project management" else team
                    best = max(crew, key=lambda user: levels.get(user.pk, {}).get(skill, 0))
                    resource = project.resources.filter(user=best).first()
                    person = edits.Person(resource=resource, user=None if resource else best, units=Decimal(units))
                edits.change_task(task, by=manager, people=[person])


def fill_timesheets(company: Company, now: datetime.datetime) -> None:
    """The last weeks: mostly approved; one sent back, one unlocked, the newest waiting, one person's missing."""
    last = monday_of(now.date()) - WEEK
    first = last - (WEEKS - 1) * WEEK
    booked = TimeEntry.objects.filter(day__gte=first, day__lt=last + WEEK, user__organisation=None)
    people = {company[key].pk: company[key] for key in company.people}
    weeks: dict[tuple, None] = {}
    for user, day in booked.order_by("user", "day").values_list("user", "day"):
        weeks.setdefault((monday_of(day), user))
    forgetful = max((user for week, user in weeks if week == last), default=None)
    # Who is in a running team and booked nothing says so: an empty week is submitted too.
    for user in Project.objects.open().filter(memberships__role="member").values_list("memberships__user", flat=True):
        if user in people:
            for number in range(WEEKS):
                weeks.setdefault((first + number * WEEK, user))
    sent_back = opened = False
    for week in sorted({week for week, _user in weeks}):
        friday = datetime.datetime.combine(week + 4 * DAY, datetime.time(15), datetime.UTC)
        if friday > now:
            continue
        for pk in sorted(user for of_week, user in weeks if of_week == week):
            if week == last and pk == forgetful:
                continue
            with acting(people[pk], friday):
                timesheets.submit(people[pk], week, by=people[pk], at=friday)
        decided = friday + 3 * DAY - 5 * HOUR
        if decided > now or week == last:
            continue
        # Told as it went: all hand theirs in, then the managers decide.
        for part in TimesheetPart.objects.filter(week=week).select_related("project", "user").order_by("user", "pk"):
            manager = part.project.manager
            if manager is None or manager.pk == part.user_id:
                continue
            with acting(manager, decided):
                if week == last - WEEK and not sent_back:
                    sent_back = True
                    note = "Thursday was the workshop of the other project: please move it."
                    timesheets.reject(part, by=manager, note=note, at=decided)
                    continue
                timesheets.approve(part, by=manager, at=decided)
            if week == last - 2 * WEEK and not opened:
                opened = True
                with acting(manager, decided + 2 * DAY):
                    timesheets.unlock(part, by=manager, note="Two hours belong to the pilot.", at=decided + 2 * DAY)
