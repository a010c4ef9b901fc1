"""Tables that people keep plans in (CSV, XLSX): which column is what, a whole plan out of one, or changes by UID.

An update sets only cells that say something else than the plan does; an empty cell leaves its value alone. Rows without
a UID and number are new tasks. All of it is one edit of the plan: checked as a whole, taken back in one step.
"""

import csv
import io
import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.interchange.tabular import FORMULA_SIGNS, Field, Problem, Problems, Table, map_columns, suggest
from projects.schedule.api import ops
from projects.schedule.exporting import plan_rows
from projects.schedule.planfiles.csvplan import TITLES

# Name here; the cell of the plan it fills; what it is called in other tools; the column of our own export.
_FIELDS = [
    ("uid", "", ("UID", "Unique ID", "Unique_ID"), "UID", gettext_lazy("UID")),
    ("number", "", ("ID", "No", "Number", "Task ID", "Row"), "ID", gettext_lazy("Row number")),
    ("name", "name", ("Name", "Task Name", "Title", "Activity", "Task"), "Name", gettext_lazy("Name")),
    ("level", "", ("Outline Level", "Level"), "Outline Level", gettext_lazy("Outline level")),
    ("wbs", "", ("WBS", "Outline Number"), "WBS", gettext_lazy("WBS")),
    ("duration", "duration", ("Duration",), "Duration", gettext_lazy("Duration")),
    ("start", "start", ("Start", "Start Date", "Begin"), "Start", gettext_lazy("Start")),
    ("finish", "finish", ("Finish", "Finish Date", "End", "End Date", "Due"), "Finish", gettext_lazy("Finish")),
    ("predecessors", "predecessors", ("Predecessors", "Depends on"), "Predecessors", gettext_lazy("Predecessors")),
    ("percent", "percent", ("% Complete", "Percent Complete", "% done"), "% Complete", gettext_lazy("% complete")),
    ("milestone", "milestone", ("Milestone",), "Milestone", gettext_lazy("Milestone")),
    ("deadline", "deadline", ("Deadline",), "Deadline", gettext_lazy("Deadline")),
    ("people", "people", ("Resource Names", "Resources", "People", "Owner"), "Resource Names", gettext_lazy("People")),
    ("constraint", "constraint", ("Constraint Type", "Constraint"), "Constraint Type", gettext_lazy("Constraint")),
    ("constraint_date", "constraint_date", ("Constraint Date",), "Constraint Date", gettext_lazy("Constraint date")),
    ("actual_start", "actual_start", ("Actual Start",), "Actual Start", gettext_lazy("Actual start")),
    ("actual_finish", "actual_finish", ("Actual Finish",), "Actual Finish", gettext_lazy("Actual finish")),
    ("mode", "mode", ("Mode", "Task Mode"), "Mode", gettext_lazy("Mode")),
    ("active", "active", ("Active",), "Active", gettext_lazy("Active")),
    ("notes", "notes", ("Notes", "Description", "Comment"), "Notes", gettext_lazy("Notes")),
]  # fmt: skip
FIELDS = [Field(name, aliases) for name, _cell, aliases, _title, _label in _FIELDS]
LABELS = {name: label for name, _cell, _aliases, _title, label in _FIELDS}
CELLS = {name: cell for name, cell, _aliases, _title, _label in _FIELDS if cell}
OURS = {name: title for name, _cell, _aliases, title, _label in _FIELDS}
DATES = {"start", "finish", "deadline", "constraint_date", "actual_start", "actual_finish"}
COMPUTED = {"duration", "start", "finish", "percent", "actual_start", "actual_finish", "milestone", "people"}
IN_CSV = {"number": "id", "people": "resources"}  # names of the whole-plan table that differ
SHOWN = 100
MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?)?")


@dataclass
class Update:
    """What a table would change: the operations, and where each came from."""

    ops: list[dict] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)  # of the file, by operation
    changes: list[dict] = field(default_factory=list)
    rows: int = 0
    changed: int = 0
    added: int = 0
    ignored: int = 0  # cells of summaries that are computed
    sentence: str = ""

    def as_json(self) -> dict:
        return {
            "rows": self.rows,
            "changed": self.changed,
            "added": self.added,
            "unchanged": self.rows - self.changed - self.added,
            "ignored": self.ignored,
            "changes": self.changes,
            "sentence": self.sentence,
        }


def whole_plan(table: Table, mapping: dict[str, str] | None = None) -> bytes:
    """The table under the column names that a plan is read by; rows stay on their lines."""
    columns = map_columns(table.header, FIELDS, mapping)
    # A column that is there but empty says nothing: without row numbers the lines count.
    filled = {name: at for name, at in columns.items() if any(row.cells[at].strip() for row in table.rows)}
    names = {IN_CSV.get(name, name): at for name, at in filled.items() if IN_CSV.get(name, name) in TITLES}
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([TITLES[name] for name in names])
    line = 2
    for row in table.rows:
        while line < row.line:
            out.write("\n")
            line += 1
        cells = [moment(row.cells[at]) if name in DATES else plain(row.cells[at]) for name, at in names.items()]
        writer.writerow(cells)
        line += 1 + sum(cell.count("\n") for cell in cells)
    return out.getvalue().encode()


def update_of(project, table: Table, mapping: dict[str, str] | None = None) -> Update:
    """The operations that make the plan say what the table says. TableRefused names lines and columns."""
    columns = map_columns(table.header, FIELDS, mapping)
    problems = Problems()
    if "uid" not in columns and "number" not in columns:
        problems.add(1, "", _("no column for UID or row number"), _("one of them says which task a row is"))
        problems.refuse_if_any()
    titles, rows = plan_rows(project, cost=False, internal=True)
    places = {title: at for at, (title, _width) in enumerate(titles)}
    by_uid = {row[places["UID"]]: row for row in rows}
    by_number = {row[places["ID"]]: row for row in rows}
    summaries = set(project.tasks.filter(is_summary=True).values_list("uid", flat=True))
    update = Update(rows=len(table.rows))
    seen: dict[int, int] = {}
    chain: list[tuple[int, int | str]] = []  # (level, task) of the rows before, for where new ones go
    for row in table.rows:
        found, is_new = _find(row, columns, by_uid, by_number, places, problems)
        if found is None and not is_new:
            continue
        values = {
            name: moment(row.cells[at]) if name in DATES else plain(row.cells[at]) for name, at in columns.items()
        }
        if found is not None:
            uid = found[places["UID"]]
            if uid in seen:
                accepted = _("line %(line)d names it already") % {"line": seen[uid]}
                problems.add(row.line, _column(table, columns, "uid", "number"), str(uid), accepted)
                continue
            seen[uid] = row.line
            fields = {}
            for name, cell in CELLS.items():
                typed = values.get(name, "")
                was = found[places[OURS[name]]]
                if not typed or _same(name, typed, was):
                    continue
                if uid in summaries and name in COMPUTED:
                    update.ignored += 1
                    continue
                fields[cell] = typed
                if len(update.changes) < SHOWN:
                    update.changes.append(
                        {
                            "line": row.line,
                            "task": found[places["Name"]],
                            "field": name,
                            "was": _shown(was),
                            "becomes": typed[:200],
                        }
                    )
            if fields:
                update.changed += 1
                _put(update, row.line, {"op": "set", "uid": uid, "fields": fields})
            level, task = found[places["Outline Level"]], uid
        else:
            if not values.get("name"):
                problems.add(row.line, _column(table, columns, "name"), "", _("a new task needs a name"))
                continue
            level = _level(values.get("level", ""), chain)
            fields = {cell: values[name] for name, cell in CELLS.items() if values.get(name)}
            task = f"line {row.line}"
            update.added += 1
            if len(update.changes) < SHOWN:
                update.changes.append(
                    {"line": row.line, "task": values["name"][:200], "field": "", "was": "", "becomes": _("new task")}
                )
            _put(update, row.line, {"op": "add", "ref": task, "fields": fields, **_where(level, chain)})
        while chain and chain[-1][0] >= level:
            chain.pop()
        chain.append((level, task))
    problems.refuse_if_any()
    return update


def carry_out(project, table: Table, mapping: dict[str, str] | None, *, by, label: str, preview: bool) -> Update:
    """Try the update, or do it; TableRefused names line, column and reason of everything that can't be."""
    update = update_of(project, table, mapping)
    if not update.ops:
        update.sentence = _("Nothing differs from the plan.")
        return update
    columns = map_columns(table.header, FIELDS, mapping)
    try:
        applied = ops.apply(project, by=by, ops=update.ops, preview=preview, label=label)
    except ops.Refused as refusal:
        problems = Problems()
        names = {cell: name for name, cell in CELLS.items()}
        for each in refusal.errors:
            line = update.lines[each["op"]] if each["op"] is not None else 0
            name = names.get(each["field"], "")
            title = table.header[columns[name]] if name in columns else ""
            problems.add(line, title, each["typed"] if each["typed"] is not None else "", each["message"])
        problems.refuse_if_any()
        raise
    update.sentence = applied.sentence
    return update


def said(problem: Problem) -> str:
    """A problem for people: where, then the whole sentence that the cell's own check gave."""
    where = _("Line %(line)d") % {"line": problem.line} if problem.line else _("The file")
    if problem.column:
        where += _(", column %(column)s") % {"column": problem.column}
    value = f"“{problem.value[:80]}”: " if problem.value and problem.value[:40] not in problem.accepted else ""
    return f"{where}: {value}{problem.accepted}"


def suggested(table: Table) -> dict[str, str]:
    """{field: column} as the names of the columns suggest it."""
    return suggest(table.header, FIELDS)


def plain(cell: str) -> str:
    """The cell as it was before it was kept from being a formula."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_SIGNS) else cell


def moment(cell: str) -> str:
    """A date as we write it; a workbook's bare date has a midnight that nobody typed."""
    match = MOMENT.fullmatch(cell.strip())
    if match is None:
        return cell.strip()
    return match[1] if not match[2] or ("T" in cell and match[2] == "00:00") else f"{match[1]} {match[2]}"


def _find(row, columns, by_uid, by_number, places, problems) -> tuple[list | None, bool]:
    """The task that a row names, and whether it is a new one; (None, False) after a problem."""
    for name, known in (("uid", by_uid), ("number", by_number)):
        text = row.cells[columns[name]].strip() if name in columns else ""
        if not text:
            continue
        if re.fullmatch(r"\d{1,10}", text) and int(text) in known:
            return known[int(text)], False
        accepted = _("a task of this plan; leave it empty for a new one")
        problems.add(row.line, OURS[name], text, accepted)
        return None, False
    return None, True


def _same(name: str, typed: str, was) -> bool:
    if name in DATES:
        return was is not None and typed in (f"{was:%Y-%m-%d %H:%M}", f"{was:%Y-%m-%d}")
    words = "" if was is None else str(was)
    if name == "percent":
        return typed.removesuffix("%").strip() in (words, f"{words}.0")
    if name in ("milestone", "active", "mode", "constraint"):
        return typed.lower() == words.lower() or typed.lower() in YES_NO.get(words.lower(), ())
    if name in ("duration", "predecessors", "people"):
        return re.sub(r"[\s,;]+", "", typed).lower() == re.sub(r"[\s,;]+", "", words).lower()
    return typed == plain(words)


YES_NO = {"yes": ("true", "1", "y", "x"), "no": ("false", "0", "n")}


def _level(text: str, chain: list) -> int:
    """The level of a new row, at most one below the row before; without a column the level of that row."""
    last = chain[-1][0] if chain else 1
    return min(int(text), last + 1) if re.fullmatch(r"[1-9]\d?", text) else last


def _where(level: int, chain: list) -> dict:
    """Behind the latest task of its level, else inside the latest one above."""
    for known, task in reversed(chain):
        if known == level:
            return {"after": task}
        if known < level:
            return {"parent": task}
    return {}


def _put(update: Update, line: int, op: dict) -> None:
    update.ops.append(op)
    update.lines.append(line)


def _column(table: Table, columns: dict[str, int], *names: str) -> str:
    return next((table.header[columns[name]] for name in names if name in columns), "")


def _shown(value) -> str:
    return "" if value is None else f"{value:%Y-%m-%d %H:%M}" if hasattr(value, "strftime") else str(value)[:200]
