"""A cell as a person types it, put into a task: parsed, checked, and applied by the rules of Microsoft Project.

Each field has one function that takes the row and the text and changes the plan in memory. What can't be read raises
``CellError`` with a sentence that says what would be accepted.
"""

import datetime
import difflib
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext as _

from pmdm.accounts.models import User
from pmdm.ui import format as fmt
from projects.schedule import tasking
from projects.schedule.calendars import day_end, day_start
from projects.schedule.exporting import units_of
from projects.schedule.localtime import to_instant, to_wall
from projects.schedule.models import Task
from projects.schedule.notation import NotationError, parse_duration, parse_predecessors
from projects.schedule.outline import SUMMARY_CONSTRAINTS, has_children
from projects.schedule.plan import Plan, Row
from projects.schedule.tasking import PROGRESS_FIELDS, WHOLE, Person

C = Task.Constraint
MAX_DURATION = 60 * 24 * 366 * 20  # minutes; an integer column and a believable plan
MAX_NAME, MAX_NOTES, MAX_TEXT = 300, 20_000, 2_000
FIRST_YEAR, LAST_YEAR = 1950, 2250
FINISH_LIKE = {C.MFO, C.FNET, C.FNLT}
DATED = {C.MSO, C.MFO, C.SNET, C.SNLT, C.FNET, C.FNLT}
SHORT = {member.name: member for member in C}
TRUE = {"1", "true", "yes", "y", "on", "x"}
FALSE = {"", "0", "false", "no", "n", "off"}
FORMS = ("%d.%m.%Y", "%d.%m.%y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d %Y", "%B %d %Y")
YEARLESS = ("%d %b", "%d %B", "%b %d", "%B %d", "%d.%m.")
CLOCK = re.compile(
    r"(?P<date>.*?)[T\s,]+(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?::\d{2}(?:\.\d+)?)?$", re.ASCII | re.DOTALL
)
PERSON = re.compile(r"(?P<name>.*?)\s*(?:\[\s*(?P<units>[^\]]*?)\s*\])?$", re.DOTALL)


class CellError(Exception):
    """A text that can't stand in its cell; the message says what would be accepted. ``field`` when another is meant."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message, self.field = message, field


class Cells:
    """Puts typed cells into rows of one plan in memory."""

    def __init__(self, plan: Plan, now: datetime.datetime) -> None:
        self.plan, self.project, self.now = plan, plan.project, now
        self.units = units_of(plan.project)
        self.said: list[str] = []  # sentences on what was done besides what was typed: a constraint that was set
        self.numbers = {row.number: row for row in plan.rows}
        self._persons: dict[str, list[Person]] | None = None
        self._names: list[str] = []

    def put(self, row: Row, fields: dict) -> list[tuple[str, str]]:
        """Apply the cells in the order in which they depend on each other; (field, message) of each that failed."""
        problems: list[tuple[str, str]] = []
        progress = {name: fields[name] for name in FIELDS if name in fields and name in PROGRESS_FIELDS}
        for name in FIELDS:
            if name in fields and name not in PROGRESS_FIELDS:
                self._attempt(problems, name, lambda name=name: getattr(self, f"_{name}")(row, fields[name], fields))
            if name == "percent" and progress:
                self._attempt(problems, next(iter(progress)), lambda: self._progress(row, progress, problems))
        for name in fields:
            if name not in FIELDS:
                problems.append((name, _("There is no field “%(name)s” to change.") % {"name": str(name)[:60]}))
        return problems

    def _attempt(self, problems: list, field: str, put: Callable[[], None]) -> None:
        try:
            put()
        except CellError as error:
            problems.append((error.field or field, error.message))
        except NotationError as error:
            problems.append((field, str(error)))
        except ValidationError as error:
            if hasattr(error, "error_dict"):
                problems += [(name, " ".join(texts)) for name, texts in error.message_dict.items()]
            else:
                problems.append((field, " ".join(error.messages)))

    def _change(self, row: Row, **fields) -> None:
        tasking.change(self.plan, row, fields, at=self.now)

    # What kind of task it is

    def _mode(self, row: Row, typed, fields) -> None:
        word = text(typed).lower()
        if word in ("manual", "manually scheduled", "manually"):
            mode = Task.Mode.MANUAL.value
        elif word in ("auto", "automatic", "auto scheduled", "automatically"):
            mode = Task.Mode.AUTO.value
        else:
            raise CellError(_("“%(typed)s” is no way of scheduling; give auto or manual.") % {"typed": short(typed)})
        if mode == row.mode:
            return
        if has_children(self.plan, row):
            raise CellError(_("A summary takes its dates from the tasks below it; it can't be manual."))
        if mode == Task.Mode.MANUAL:  # it stays where it is
            self._change(row, mode=mode, manual_start=row.start, manual_finish=row.finish)
        else:
            self._change(row, mode=mode, manual_start=None, manual_finish=None)

    def _calendar(self, row: Row, typed, fields) -> None:
        word = text(typed)
        if not word:
            self._change(row, calendar=None)
            return
        for calendar in self.plan.plan_calendars:
            if word == str(calendar.uid) or word.lower() == calendar.name.lower():
                self._change(row, calendar=calendar)
                return
        names = ", ".join([calendar.name for calendar in self.plan.plan_calendars])
        if not names:
            raise CellError(_("This plan has no calendars of its own; leave it empty for the project's."))
        raise CellError(
            _("There is no calendar “%(typed)s”; give one of %(names)s, or nothing for the project's.")
            % {"typed": short(typed), "names": names}
        )

    def _milestone(self, row: Row, typed, fields) -> None:
        wanted = flag(typed)
        if wanted and has_children(self.plan, row):
            raise CellError(_("A summary is no milestone: it lasts as long as the tasks below it."))
        self._change(row, is_milestone=wanted)

    def _active(self, row: Row, typed, fields) -> None:
        self._change(row, is_active=flag(typed))

    def _name(self, row: Row, typed, fields) -> None:
        name = " ".join(text(typed, MAX_NAME * 4).split())
        if not name:
            raise CellError(_("A task needs a name."))
        if len(name) > MAX_NAME:
            raise CellError(
                _("A name has at most %(n)d characters; this has %(many)d.") % {"n": MAX_NAME, "many": len(name)}
            )
        self._change(row, name=name)

    def _notes(self, row: Row, typed, fields) -> None:
        self._change(row, notes=text(typed, MAX_NOTES, keep=True))

    # How long, and when

    def _duration(self, row: Row, typed, fields) -> None:
        if has_children(self.plan, row):
            raise CellError(_("A summary lasts as long as the tasks below it; change those."))
        word = text(typed)
        if not word:
            raise CellError(_("A task needs a duration; 0 makes it a milestone."))
        duration = parse_duration(word, self.units)
        if duration.minutes > MAX_DURATION:
            raise CellError(_("A task lasts at most twenty years."))
        self._lasts(row, round(duration.minutes), duration.elapsed)

    def _lasts(self, row: Row, minutes: int, elapsed: bool) -> None:
        if (minutes, elapsed) == (row.duration, row.duration_elapsed):
            return
        values: dict = {"duration": minutes, "duration_elapsed": elapsed, "splits": []}
        if (minutes == 0) != (row.duration == 0):
            values["is_milestone"] = minutes == 0
        if row.remaining is not None:
            values["remaining"] = None  # what the percentage leaves of the new length
        self._change(row, **values)
        if row.mode == Task.Mode.MANUAL and row.manual_start:
            self._change(row, manual_finish=self._after(row, row.manual_start))
        if row.actual_finish and row.actual_start:
            self._change(row, actual_finish=self._after(row, row.actual_start))

    def _constraint(self, row: Row, typed, fields) -> None:
        code = self._code(typed)
        if has_children(self.plan, row) and code not in SUMMARY_CONSTRAINTS:
            raise CellError(
                _("A summary takes %(names)s only.")
                % {"names": ", ".join([str(C(one).label) for one in SUMMARY_CONSTRAINTS])}
            )
        if code not in DATED:
            self._change(row, constraint=code, constraint_date=None)
            return
        date: datetime.datetime | None
        if text(fields.get("constraint_date", "")):
            date = self._date(fields["constraint_date"], row, finish=code in FINISH_LIKE)
        elif "constraint_date" in fields:
            raise CellError(_("“%(constraint)s” needs a date.") % {"constraint": C(code).label}, "constraint_date")
        else:  # as Microsoft Project does: the date that the task has now
            date = row.constraint_date or (row.finish if code in FINISH_LIKE else row.start)
            date = date or to_instant(self.plan.start(), self.project)
        self._change(row, constraint=code, constraint_date=date)

    def _constraint_date(self, row: Row, typed, fields) -> None:
        if "constraint" in fields:
            return  # taken together with it
        if not text(typed):
            if row.constraint in DATED:
                raise CellError(
                    _("“%(constraint)s” needs a date; choose “As soon as possible” to be free of it.")
                    % {"constraint": C(row.constraint).label}
                )
            return
        if row.constraint not in DATED:
            raise CellError(_("Choose a constraint first: %(now)s has no date.") % {"now": C(row.constraint).label})
        self._change(row, constraint_date=self._date(typed, row, finish=row.constraint in FINISH_LIKE))

    def _code(self, typed) -> int:
        word = text(typed)
        if word.isascii() and word.isdecimal() and int(word[:4]) in C.values:
            return int(word)
        if word.upper() in SHORT:
            return SHORT[word.upper()].value
        for member in C:
            if word.lower() == str(member.label).lower():
                return member.value
        raise CellError(
            _("“%(typed)s” is no constraint; give one of %(names)s.")
            % {"typed": short(typed), "names": ", ".join([str(member.label) for member in C])}
        )

    def _start(self, row: Row, typed, fields) -> None:
        if not text(typed):
            self._free(row, {C.SNET, C.SNLT, C.MSO})
            return
        self.begin(row, self._date(typed, row, finish=False))

    def begin(self, row: Row, start: datetime.datetime) -> None:
        """Let a task start then, as Microsoft Project does it: by a constraint, or by its own dates."""
        if row.actual_start:
            tasking.change(self.plan, row, self._kept(row, actual_start=start), at=self.now)
        elif row.mode == Task.Mode.MANUAL:
            self._change(row, manual_start=start)
            self._change(row, manual_finish=self._after(row, start))
        else:
            code = C.SNLT if self.plan.settings.from_finish else C.SNET
            if has_children(self.plan, row):
                code = C.SNET
            self._constrain(row, code, start)

    def _finish(self, row: Row, typed, fields) -> None:
        if not text(typed):
            self._free(row, {C.FNET, C.FNLT, C.MFO})
            return
        finish = self._date(typed, row, finish=True)
        if has_children(self.plan, row):
            raise CellError(
                _("A summary finishes with the tasks below it; give it a deadline or “Finish no later than”.")
            )
        if row.actual_finish:
            self._change(row, actual_finish=finish)
        elif row.actual_start or row.mode == Task.Mode.MANUAL or text(fields.get("start", "")):
            self.end(row, finish)
        else:
            self._constrain(row, C.FNLT if self.plan.settings.from_finish else C.FNET, finish)

    def end(self, row: Row, finish: datetime.datetime) -> None:
        """Let a task last until then: its start stays, its duration follows."""
        start = row.actual_start or (row.manual_start if row.mode == Task.Mode.MANUAL else None)
        if start is None and row.constraint == C.SNET and row.id in self.plan.edited:
            start = row.constraint_date
        start = start or row.start
        if start is None:
            raise CellError(_("It has no start yet."), "finish")
        if finish < start:
            raise CellError(
                _("The finish lies before the start on %(day)s.") % {"day": fmt.day(self._wall(start).date())}, "finish"
            )
        if row.duration_elapsed:
            minutes = round((finish - start).total_seconds() / 60)
        else:
            minutes = round(self.plan.calendar_of(row).between(self._wall(start), self._wall(finish)))
        if minutes > MAX_DURATION:
            raise CellError(_("A task lasts at most twenty years."), "finish")
        self._lasts(row, minutes, row.duration_elapsed)
        if row.mode == Task.Mode.MANUAL:
            self._change(row, manual_start=start, manual_finish=finish)

    def _constrain(self, row: Row, code: int, date: datetime.datetime) -> None:
        if (row.constraint, row.constraint_date) == (code, date):
            return
        self._change(row, constraint=int(code), constraint_date=date)
        self.said.append(
            _("“%(name)s” now has the constraint “%(constraint)s %(day)s”.")
            % {"name": row.name, "constraint": C(code).label, "day": fmt.day(self._wall(date).date())}
        )

    def _free(self, row: Row, codes: set) -> None:
        if row.actual_start:
            raise CellError(_("It has started; take its progress back first."))
        if row.mode == Task.Mode.MANUAL:
            raise CellError(_("A manual task needs its dates; give a date such as 2026-05-04, or make it automatic."))
        if row.constraint in codes:
            self._change(row, constraint=C.ASAP.value, constraint_date=None)
            self.said.append(_("“%(name)s” has no constraint any more.") % {"name": row.name})

    def _deadline(self, row: Row, typed, fields) -> None:
        self._change(row, deadline=self._date(typed, row, finish=True) if text(typed) else None)

    # Progress

    def _progress(self, row: Row, typed: dict, problems: list) -> None:
        if has_children(self.plan, row):
            raise CellError(_("The progress of a summary comes from the tasks below it."))
        values: dict = {}
        for name, one in typed.items():
            try:
                if name == "percent":
                    values[name] = percent(one)
                else:
                    values[name] = self._date(one, row, finish=name == "actual_finish") if text(one) else None
            except CellError as error:
                problems.append((name, error.message))
        if len(values) == len(typed):
            tasking.change(self.plan, row, self._kept(row, **values), at=self.now)

    def _kept(self, row: Row, **values) -> dict:
        """Only what differs: an unchanged percentage says nothing about dates."""
        return {name: value for name, value in values.items() if value != getattr(row, name)}

    # What it waits for and who works on it

    def _predecessors(self, row: Row, typed, fields) -> None:
        tasking.link(self.plan, row, parse_predecessors(text(typed), self.units), self.numbers)  # type: ignore[arg-type]

    def _people(self, row: Row, typed, fields) -> None:
        people = []
        word = text(typed)
        for part in word.split(";" if ";" in word or self._knows(word) else ","):
            if not part.strip():
                continue
            match = PERSON.fullmatch(part.strip())
            name, share = (match["name"], match["units"]) if match else (part.strip(), None)
            person = self._person(" ".join(name.split()))
            people.append(Person(person.resource, person.user, units(share) if share is not None else WHOLE))
        tasking.assign(self.plan, row, people)

    def _knows(self, name: str) -> bool:
        return " ".join(name.split()).lower() in self._known()

    def _known(self) -> dict[str, list[Person]]:
        if self._persons is None:
            self._persons = {}
            resources = list(self.plan.resources.values())
            linked = {resource.user_id for resource in resources}
            members = User.objects.filter(
                project_memberships__project=self.project, is_active=True, organisation=None
            ).distinct()
            for resource in resources:
                self._persons.setdefault(resource.name.lower(), []).append(Person(resource=resource))
                self._names.append(resource.name)
            for user in members.order_by("name"):
                known = [one for one in resources if one.user_id == user.pk]
                person = Person(resource=known[0]) if known else Person(user=user)
                self._persons.setdefault(user.email.lower(), []).append(person)
                if user.pk not in linked:
                    self._persons.setdefault(user.name.lower(), []).append(person)
                    self._names.append(user.name)
        return self._persons

    def _person(self, name: str) -> Person:
        found = self._known().get(name.lower(), [])
        if len(found) == 1:
            return found[0]
        if found:
            raise CellError(_("“%(name)s” is the name of several people; give the e-mail address.") % {"name": name})
        close = difflib.get_close_matches(name, self._names, n=3, cutoff=0.5) or sorted(self._names)[:5]
        if not close:
            raise CellError(
                _("There is nobody called “%(name)s”: nobody is on this project yet.") % {"name": name[:80]}
            )
        raise CellError(
            _("There is nobody called “%(name)s” on this project; there is %(names)s.")
            % {"name": name[:80], "names": ", ".join(close)}
        )

    # Dates

    def _date(self, typed, row: Row, *, finish: bool) -> datetime.datetime:
        calendar = self.plan.calendar_of(row)
        day, clock = read_date(text(typed), self._today())
        if clock is not None:
            wall = datetime.datetime.combine(day, clock)
        else:
            wall = (day_end if finish else day_start)(calendar, day)
        instant = to_instant(wall, self.project)
        assert instant is not None
        return instant

    def _today(self) -> datetime.date:
        return self._wall(self.now).date()

    def _wall(self, instant: datetime.datetime) -> datetime.datetime:
        wall = to_wall(instant, self.project)
        assert wall is not None
        return wall

    def _after(self, row: Row, start: datetime.datetime) -> datetime.datetime:
        """When the task is done if it starts then."""
        if row.duration_elapsed:
            return start + datetime.timedelta(minutes=row.duration)
        if not row.duration:
            return start
        done = self.plan.calendar_of(row).add(self._wall(start), row.duration)
        instant = to_instant(done, self.project)
        assert instant is not None
        return instant


# In the order in which they are applied: what a later one reads, an earlier one has set.
FIELDS = (
    "name", "notes", "mode", "calendar", "active", "milestone", "duration", "constraint", "constraint_date", "start",
    "finish", "percent", "actual_start", "actual_finish", "deadline", "predecessors", "people",
)  # fmt: skip


def text(typed, longest: int = MAX_TEXT, *, keep=False) -> str:
    """What was typed as a text: trimmed, without characters that nobody types."""
    if typed is None:
        return ""
    if isinstance(typed, bool) or not isinstance(typed, (str, int, float)):
        raise CellError(_("A cell holds a text or a number."))
    word = str(typed) if keep else str(typed).replace("\u00a0", " ").strip()
    if len(word) > longest:
        raise CellError(_("At most %(n)d characters; this has %(many)d.") % {"n": longest, "many": len(word)})
    if any((letter < " " and letter not in "\n\r\t") or "\ud800" <= letter <= "\udfff" for letter in word):
        raise CellError(_("There are characters in it that can't be kept, such as a zero byte."))
    return word


def short(typed) -> str:
    word = str(typed)
    return word if len(word) <= 80 else word[:79] + "…"


def flag(typed) -> bool:
    """Yes or no, however it is written."""
    if isinstance(typed, bool):
        return typed
    word = text(typed).lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise CellError(_("“%(typed)s” is not accepted; give yes or no.") % {"typed": short(typed)})


def percent(typed) -> int:
    """'40', '40%' or '40 %' as 40."""
    word = text(typed).removesuffix("%").strip()
    if re.fullmatch(r"\d{1,3}(?:[.,]0+)?", word, re.ASCII) and 0 <= (value := int(re.split("[.,]", word)[0])) <= 100:
        return value
    raise CellError(
        _("“%(typed)s” is not accepted; give a whole number from 0 to 100, such as 40%%.") % {"typed": short(typed)}
    )


def units(typed: str) -> Decimal:
    """'50%' or '50' as 50."""
    word = typed.strip().removesuffix("%").strip().replace(",", ".")
    try:
        value = Decimal(word) if re.fullmatch(r"\d{1,5}(\.\d{1,2})?", word, re.ASCII) else None
    except InvalidOperation:
        value = None
    if value is None or not 0 < value <= 10_000:
        raise CellError(
            _("“%(typed)s” is no share of somebody's time; give a percentage such as Ann Lee[50%%].")
            % {"typed": short(typed)}
        )
    return value


def read_date(word: str, today: datetime.date) -> tuple[datetime.date, datetime.time | None]:
    """A date, and a time where one was given: ISO, the forms of the language, '4 May', '4.5.2026', 'today'."""
    clock = None
    body = word
    if match := CLOCK.fullmatch(word):
        hour, minute = int(match["hour"]), int(match["minute"])
        if match["date"].strip() and (hour < 24 and minute < 60):
            body, clock = match["date"].strip(), datetime.time(hour, minute)
    day = _day(body.rstrip(","), today)
    if day is None:
        raise CellError(
            _("“%(typed)s” is no date; give one such as 2026-05-04, 4 May 2026 or 2026-05-04 08:00.")
            % {"typed": short(word)}
        )
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CellError(
            _("%(day)s lies outside the years %(first)d to %(last)d.")
            % {"day": day.isoformat(), "first": FIRST_YEAR, "last": LAST_YEAR}
        )
    return day, clock


def _day(body: str, today: datetime.date) -> datetime.date | None:
    if body.lower() in ("today", _("today")):
        return today
    if body.lower() in ("tomorrow", _("tomorrow")):
        return today + datetime.timedelta(days=1)
    if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", body, re.ASCII):
        return _parsed(body, "%Y-%m-%d")
    # 'Mon 4 May' as it is shown; commas as in 'May 4, 2026'.
    plain = re.sub(r"^[A-Za-z]{2,9}\.?,?\s+(?=\d)(?=\d{1,2}\D)", "", body) if _weekday(body) else body
    plain = " ".join(plain.replace(",", " ").split())
    for form in (*FORMS, *formats.get_format("DATE_INPUT_FORMATS")):
        if (day := _parsed(plain, form)) is not None:
            return day
    for form in YEARLESS:
        if (day := _parsed(f"{plain} {today.year}", f"{form} %Y")) is not None:
            return day
    return None


def _weekday(body: str) -> bool:
    return body[:3].lower() in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _parsed(body: str, form: str) -> datetime.date | None:
    try:
        return datetime.datetime.strptime(body, form).date()
    except (ValueError, OverflowError):
        return None
