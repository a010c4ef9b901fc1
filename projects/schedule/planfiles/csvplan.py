"""Plans as tables: ID, Name, Duration, Predecessors and a few more columns, as project tools export them."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime, time
from decimal import Decimal

from projects.schedule.engine import Constraint
from projects.schedule.notation import NotationError, TimeUnits, parse_duration, parse_predecessors

from .checks import check_plan
from .dates import DATE_ACCEPTED, DateOrder, date_order, parse_date
from .plan import (
    MAX_LEVEL,
    Plan,
    PlanAssignment,
    PlanFileError,
    PlanLink,
    PlanProblem,
    PlanProject,
    PlanResource,
    PlanTask,
    PlanWarning,
)
from .values import MAX_PROBLEMS

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 100_000
MAX_ID = 2**31 - 1

COLUMNS = {
    "id": "id",
    "task id": "id",
    "name": "name",
    "task name": "name",
    "duration": "duration",
    "predecessors": "predecessors",
    "start": "start",
    "start date": "start",
    "finish": "finish",
    "finish date": "finish",
    "end": "finish",
    "end date": "finish",
    "% complete": "percent",
    "percent complete": "percent",
    "% work complete": "percent",
    "outline level": "level",
    "level": "level",
    "wbs": "wbs",
    "outline number": "wbs",
    "resources": "resources",
    "resource names": "resources",
    "milestone": "milestone",
    "deadline": "deadline",
    "notes": "notes",
}
TITLES = {
    "id": "ID",
    "name": "Name",
    "duration": "Duration",
    "predecessors": "Predecessors",
    "start": "Start",
    "finish": "Finish",
    "percent": "% Complete",
    "level": "Outline Level",
    "wbs": "WBS",
    "resources": "Resources",
    "milestone": "Milestone",
    "deadline": "Deadline",
    "notes": "Notes",
}
REQUIRED = ("name", "duration")
YES = {"yes", "y", "true", "1", "x", "ja", "oui", "si", "sí"}
NO = {"", "no", "n", "false", "0", "nein", "non"}
PERCENT = re.compile(r"(\d{1,3})(?:[.,]\d+)?\s*%?")
RESOURCE = re.compile(r"(?P<name>[^\[\]]+?)\s*(?:\[(?P<units>\d{1,5}(?:[.,]\d+)?)\s*%\])?")

Row = dict[str, str]


def parse_csv_plan(data: bytes, units: TimeUnits | None = None) -> Plan:
    """The plan in a table with a header row; PlanFileError names line and column of everything unreadable.

    Without a Start column ``plan.project.start`` is None: the caller says when the plan begins.
    """
    return _Parser(units or TimeUnits()).parse(data)


class _Parser:
    def __init__(self, units: TimeUnits) -> None:
        self.units = units
        self.problems: list[PlanProblem] = []
        self.warnings: list[PlanWarning] = []
        self.positions: dict[str, int] = {}
        self.order = DateOrder.UNKNOWN

    def parse(self, data: bytes) -> Plan:
        rows = list(self._rows(self._text(data)))
        self.order = date_order(row.get(name, "") for _, row in rows for name in ("start", "finish", "deadline"))
        tasks = [task for line, row in rows if (task := self._task(line, row, len(rows))) is not None]
        if not rows and not self.problems:
            self.problems.append(PlanProblem("File", "no rows", "at least one task below the header row", 2))
        self._check_ids(tasks)
        self._raise_if_refused()
        links = self._links(rows, tasks)
        self._outline(rows, tasks)
        self._check_durations(rows, tasks)
        self._raise_if_refused()
        resources, assignments = self._resources(rows, tasks)
        project = PlanProject(
            start=min((task.stored_start for task in tasks if task.stored_start is not None), default=None),
            minutes_per_day=self.units.minutes_per_day,
            minutes_per_week=self.units.minutes_per_week,
            days_per_month=self.units.days_per_month,
        )
        plan = Plan("csv", project, [], tasks, links, resources, assignments, None, self.warnings)
        self._read_dates_as_rules(plan)
        check_plan(plan)
        return plan

    # The table

    def _text(self, data: bytes) -> str:
        if len(data) > MAX_BYTES:
            raise _refused("File", f"{len(data):,} bytes", f"a file of at most {MAX_BYTES // 1024**2} MB")
        if not data.strip():
            raise _refused("File", "an empty file", "a table with columns ID, Name, Duration, Predecessors")
        if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            raise _refused("File", "an Office file", "the table saved as CSV")
        encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as wrong:
            if encoding == "utf-16":
                raise _refused("Encoding", "broken UTF-16", "UTF-8 text")
            try:
                text = data.decode("cp1252")
            except UnicodeDecodeError:
                line = data.count(b"\n", 0, wrong.start) + 1
                value = f"byte 0x{data[wrong.start]:02X}"
                raise PlanFileError([PlanProblem("Encoding", value, "UTF-8 text", line)])
            self.warnings.append(
                PlanWarning("Encoding", "The file is not UTF-8; it was read as Windows-1252. Check accented letters.")
            )
        if "\x00" in text:
            line = text.count("\n", 0, text.index("\x00")) + 1
            raise PlanFileError([PlanProblem("File", "a zero byte", "UTF-8 text", line)])
        return text

    def _rows(self, text: str) -> Iterator[tuple[int, Row]]:
        """Line number and the known columns of every row that has anything in it."""
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        line = 1
        try:
            header = next((cells for cells in reader if any(cells)), [])
            self._read_header(header, reader.line_num)
            line = reader.line_num + 1
            for count, cells in enumerate(reader):
                if count >= MAX_ROWS:
                    raise _refused("File", f"more than {MAX_ROWS:,} rows", f"at most {MAX_ROWS:,} tasks")
                if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
                    accepted = f"{len(header)} cells, as the header has; text with separators in quotes"
                    self._refuse("Row", f"{len(cells)} cells", accepted, line)
                row = {name: cells[i].strip() for name, i in self.positions.items() if i < len(cells)}
                if any(row.values()):
                    yield line, row
                line = reader.line_num + 1
        except csv.Error as error:
            raise PlanFileError([PlanProblem("Row", str(error), "a table with quotes closed on each row", line)])

    def _read_header(self, header: list[str], line: int) -> None:
        unknown = []
        for i, title in enumerate(header):
            name = COLUMNS.get(" ".join(title.replace("_", " ").split()).lower())
            if name is None:
                if title.strip():
                    unknown.append(title.strip()[:60])
            else:
                self.positions.setdefault(name, i)
        missing = [TITLES[name] for name in REQUIRED if name not in self.positions]
        if missing:
            found = ", ".join(title.strip() for title in header if title.strip())[:200]
            raise PlanFileError(
                [PlanProblem("Header row", found, "columns ID, Name, Duration, Predecessors", line)],
            )
        if unknown:
            self.warnings.append(PlanWarning("Header row", f"columns left out: {', '.join(unknown[:20])}."))

    # Rows

    def _task(self, line: int, row: Row, count: int) -> PlanTask | None:
        number = self._whole(row, "id", line, 1, MAX_ID) if "id" in self.positions else line - 1
        name = row.get("name", "")
        if name.startswith("="):
            self._refuse("name", name, "text; a cell that begins with = is a formula", line)
        elif not name:
            self._refuse("name", "", "a name", line)
        if len(name) > 512:
            self._refuse("name", name[:40] + "…", "a name of at most 512 characters", line)
        milestone = self._flag(row, line)
        duration = None
        if row.get("duration"):
            try:
                duration = parse_duration(row["duration"], self.units)
            except NotationError as error:
                self._refuse("duration", error.value, error.accepted, line)
        if number is None:
            return None
        start = self._date(row, "start", line, time(8))
        finish = self._date(row, "finish", line, time(17))
        if start and finish and finish < start:
            self._refuse("finish", row["finish"], f"a date not before the start ({row['start']})", line)
        minutes = round(duration.minutes) if duration else 0
        return PlanTask(
            uid=number,
            id=number,
            name=name,
            wbs=row.get("wbs", "")[:512],
            milestone=milestone or (duration is not None and minutes == 0),
            duration_minutes=minutes,
            elapsed=duration.elapsed if duration else False,
            duration_unit=duration.unit if duration else "d",
            estimated=duration.estimated if duration else False,
            deadline=self._date(row, "deadline", line, time(17)),
            percent_complete=self._percent(row, line),
            notes=row.get("notes", "")[:20_000],
            stored_start=start,
            stored_finish=finish,
            line=line,
        )

    def _check_ids(self, tasks: list[PlanTask]) -> None:
        lines: dict[int, int | None] = {}
        for task in tasks:
            if task.uid in lines:
                accepted = f"an id that no other row has; line {lines[task.uid]} has it"
                self._refuse("id", str(task.uid), accepted, task.line)
            lines.setdefault(task.uid, task.line)

    def _check_durations(self, rows: list[tuple[int, Row]], tasks: list[PlanTask]) -> None:
        """Only summaries and milestones may leave their duration out."""
        for task, (line, row) in zip(tasks, rows, strict=True):
            if not row.get("duration") and not task.milestone and not task.summary:
                self._refuse("duration", "", "a duration such as 3d; 0d for a milestone", line)

    def _links(self, rows: list[tuple[int, Row]], tasks: list[PlanTask]) -> list[PlanLink]:
        there = {task.uid for task in tasks}
        links = []
        for task, (line, row) in zip(tasks, rows, strict=True):
            text = row.get("predecessors", "")
            try:
                found = parse_predecessors(text, self.units, successor=task.uid)
            except NotationError as error:
                self._refuse("predecessors", error.value, error.accepted, line)
                continue
            seen = set()
            for link in found:
                uid = link.predecessor
                assert isinstance(uid, int)
                if uid not in there:
                    self._refuse("predecessors", str(uid), "ids of rows in this file", line)
                elif uid == task.uid:
                    self._refuse("predecessors", str(uid), "another row than its own", line)
                elif uid in seen:
                    self.warnings.append(PlanWarning(f"Line {line}", f"names row {uid} twice; the first counts.", line))
                else:
                    seen.add(uid)
                    links.append(PlanLink(uid, task.uid, link.type, link.lag, link.lag_unit, line=line))
        return links

    def _outline(self, rows: list[tuple[int, Row]], tasks: list[PlanTask]) -> None:
        """Parents by outline level where there is such a column, else by WBS such as 1.2.3."""
        if "level" in self.positions:
            above: list[PlanTask] = []
            for task, (line, row) in zip(tasks, rows, strict=True):
                level = self._whole(row, "level", line, 1, MAX_LEVEL)
                if level is None:
                    continue
                if level > len(above) + 1:
                    self._refuse("level", str(level), f"at most {len(above) + 1} below the row before", line)
                    continue
                del above[level - 1 :]
                self._put_under(task, above[-1] if above else None)
                above.append(task)
        elif "wbs" in self.positions:
            by_wbs = {task.wbs: task for task in reversed(tasks) if task.wbs}
            for task in tasks:
                prefix = task.wbs.rpartition(".")[0]
                while prefix and prefix not in by_wbs:
                    prefix = prefix.rpartition(".")[0]
                if prefix.count(".") + 2 > MAX_LEVEL:
                    self._refuse("wbs", task.wbs[:60], f"at most {MAX_LEVEL} levels", task.line)
                elif prefix:
                    task.parent_uid = by_wbs[prefix].uid
                    task.outline_level = prefix.count(".") + 2
                    by_wbs[prefix].summary = True

    @staticmethod
    def _put_under(task: PlanTask, parent: PlanTask | None) -> None:
        if parent is not None:
            task.parent_uid = parent.uid
            task.outline_level = parent.outline_level + 1
            parent.summary = True
            parent.milestone = False

    def _resources(
        self, rows: list[tuple[int, Row]], tasks: list[PlanTask]
    ) -> tuple[list[PlanResource], list[PlanAssignment]]:
        resources: dict[str, PlanResource] = {}
        assignments: list[PlanAssignment] = []
        for task, (line, row) in zip(tasks, rows, strict=True):
            text = row.get("resources", "")
            for part in re.split(r"[;,]", text):
                if not part.strip():
                    continue
                match = RESOURCE.fullmatch(part.strip())
                if match is None or part.strip().startswith("="):
                    self._refuse("resources", part.strip(), "names such as Ann or Ann[50%]", line)
                    continue
                name = match["name"][:255]
                resource = resources.setdefault(name, PlanResource(len(resources) + 1, len(resources) + 1, name))
                share = Decimal((match["units"] or "100").replace(",", ".")) / 100
                assignments.append(PlanAssignment(len(assignments) + 1, task.uid, resource.uid, share))
        self._raise_if_refused()
        return list(resources.values()), assignments

    def _read_dates_as_rules(self, plan: Plan) -> None:
        """Given dates hold where nothing else decides: begun work, and starts that no link explains."""
        linked = {link.successor_uid for link in plan.links}
        held = 0
        for task in plan.tasks:
            if task.summary or task.stored_start is None:
                continue
            if task.percent_complete:
                task.actual_start = task.stored_start
                if task.percent_complete == 100:
                    task.actual_finish = task.stored_finish
            elif task.uid not in linked and plan.project.start is not None and task.stored_start > plan.project.start:
                task.constraint, task.constraint_date = Constraint.SNET, task.stored_start
                held += 1
        if held:
            message = f"{held} tasks without predecessors start no earlier than the date given for them."
            plan.warnings.append(PlanWarning("Start", message))

    # Cells

    def _whole(self, row: Row, name: str, line: int, low: int, high: int) -> int | None:
        text = row.get(name, "")
        if re.fullmatch(r"\d{1,12}", text) and low <= int(text) <= high:
            return int(text)
        self._refuse(name, text, f"a whole number from {low} to {high}", line)
        return None

    def _flag(self, row: Row, line: int) -> bool:
        text = row.get("milestone", "").lower()
        if text not in YES and text not in NO:
            self._refuse("milestone", text, "yes or no", line)
        return text in YES

    def _percent(self, row: Row, line: int) -> int:
        text = row.get("percent", "")
        if not text:
            return 0
        match = PERCENT.fullmatch(text)
        if match is None or int(match[1]) > 100:
            self._refuse("percent", text, "a percentage from 0 to 100", line)
            return 0
        return int(match[1])

    def _date(self, row: Row, name: str, line: int, at: time) -> datetime | None:
        text = row.get(name, "")
        if not text or text == "NA":
            return None
        try:
            return parse_date(text, self.order, at)
        except ValueError as error:
            self._refuse(name, text, str(error) or DATE_ACCEPTED, line)
            return None

    def _refuse(self, name: str, value: str, accepted: str, line: int | None) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            column = self.positions[name] + 1 if name in self.positions else None
            self.problems.append(PlanProblem(TITLES.get(name, name), value[:200], accepted, line, column))

    def _raise_if_refused(self) -> None:
        if self.problems:
            raise PlanFileError(sorted(self.problems, key=lambda problem: (problem.line or 0, problem.column or 0)))


def _delimiter(text: str) -> str:
    """The separator that splits the header row into the most known columns."""
    header = text.lstrip().split("\n", 1)[0]

    def known(separator: str) -> int:
        titles = (" ".join(title.strip(' "\r').split()).lower() for title in header.split(separator))
        return sum(1 for title in titles if title in COLUMNS)

    return max(",;\t|", key=known)


def _refused(where: str, value: str, accepted: str) -> PlanFileError:
    return PlanFileError([PlanProblem(where, value, accepted)])
