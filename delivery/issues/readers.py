"""Exports of other trackers as one table each. Plain Python: bytes in, rows of text out, nothing is guessed about them.

CSV and XLSX come from ``pmdm.interchange.tabular``. JSON is told apart by its shape: a Trello board, Jira and Redmine
searches (``issues``), Bugzilla (``bugs``), ServiceNow (``records`` or ``result``), or a plain list of flat objects.
"""

import datetime
import json
from dataclasses import dataclass, field
from typing import Any

from delivery.issues.words import STATES
from pmdm.interchange.tabular import MAX_BYTES, MAX_CELL, MAX_ROWS, Problem, Row, Table, TableRefused, plain, read

UTC = datetime.UTC

# What a header must have to be this tool's export: column-layouts of real files.
_HEADERS = {
    "Jira": ({"issuekey", "issuetype"}, {"issuetype", "resolutiondate"}),
    "Redmine": ({"tracker", "subject"},),
    "Bugzilla": ({"bugid", "summary"}, {"bugid", "shortdesc"}, {"bugstatus", "shortdesc"}),
    "ServiceNow": ({"number", "shortdescription"},),
}
DONE_BUG = {"resolved", "verified", "closed"}


@dataclass(frozen=True)
class Reading:
    """A file as a table, the tool it looks like ('' for none), and what else is known of it ({what: how many})."""

    table: Table
    tool: str = ""
    facts: dict[str, int] = field(default_factory=dict)


def read_export(data: bytes) -> Reading:
    """The table in an export; TableRefused with what was wrong and what would be accepted."""
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in (b"{", b"["):
        return _json(data)
    table = read(data)
    tool = tool_of(table.header)
    return Reading(_with_last_change(table) if tool == "Bugzilla" else table, tool)


def tool_of(header) -> str:
    """Whose export has this header; '' for nobody's that is known."""
    names = {plain(name) for name in header}
    return next((tool for tool, needs in _HEADERS.items() if any(need <= names for need in needs)), "")


def _refuse(value: str, accepted: str):
    raise TableRefused([Problem(0, "", value, accepted)])


def _with_last_change(table: Table) -> Table:
    """Bugzilla's list has no date of resolution: of what is done the last change stands for it, in a column apart."""
    names = {plain(name): at for at, name in enumerate(table.header)}
    status = names.get("bugstatus", names.get("status"))
    changed = names.get("changeddate", names.get("changed"))
    if status is None or changed is None:
        return table
    rows = [
        Row(row.line, (*row.cells, row.cells[changed] if plain(row.cells[status]) in DONE_BUG else ""))
        for row in table.rows
    ]
    warning = "Bugzilla's list has no date of resolution: the last change of what is done stands for it."
    return Table((*table.header, "Resolved"), tuple(rows), table.encoding, table.delimiter, (*table.warnings, warning))


# --- JSON -------------------------------------------------------------------------------------------------


def _json(data: bytes) -> Reading:
    if len(data) > MAX_BYTES:
        _refuse(f"{len(data):,} bytes", f"up to {MAX_BYTES:,} bytes are accepted")
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        _refuse(f"JSON that can't be read ({str(error)[:80]})", "a JSON export, CSV or XLSX is accepted")
    if isinstance(found, dict):
        if isinstance(found.get("cards"), list) and isinstance(found.get("lists"), list):
            return _trello(found)
        for key, tool in (("issues", ""), ("bugs", "Bugzilla"), ("records", "ServiceNow"), ("result", "ServiceNow")):
            if isinstance(found.get(key), list):
                return _records(found[key], tool)
    elif isinstance(found, list):
        return _records(found, "")
    _refuse("JSON of another shape", "a Trello board, or a list of issues of Jira, Redmine, Bugzilla or ServiceNow")
    raise AssertionError


def _records(found: list, tool: str) -> Reading:
    """A list of objects: their fields as columns, what is nested by its name or value."""
    if not all(isinstance(one, dict) for one in found):
        _refuse("a list that holds more than objects", "a list of issues, each an object")
    flat = []
    for one in found:
        fields = dict(one)
        if isinstance(one.get("fields"), dict):  # Jira's search
            tool = "Jira"
            fields = {"Issue key": one.get("key"), **one["fields"]}
        flat.append({str(name): _text(value) for name, value in fields.items()})
    names = list(dict.fromkeys(name for one in flat for name in one))
    if not names:
        _refuse("no issue at all", "a list of issues, each an object")
    if len(flat) > MAX_ROWS:
        _refuse(f"more than {MAX_ROWS:,} rows", f"up to {MAX_ROWS:,} rows are accepted")
    rows = [Row(number, tuple(one.get(name, "") for name in names)) for number, one in enumerate(flat, start=1)]
    table = Table(tuple(names), tuple(rows), "JSON")
    tool = tool or tool_of(names)
    return Reading(_with_last_change(table) if tool == "Bugzilla" else table, tool)


def _text(value: Any) -> str:
    """A value as a cell: an object by its name or value, a list joined."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        for key in ("display_value", "displayName", "name", "value", "id"):
            if key in value and not isinstance(value[key], dict | list):
                return _text(value[key])
        return ""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))[:MAX_CELL]
    return str(value)[:MAX_CELL]


# --- Trello -----------------------------------------------------------------------------------------------

TRELLO = ("Name", "Number", "Description", "List", "Labels", "Members", "Created", "Resolved", "Due", "Board")


def _trello(board: dict) -> Reading:
    """A board: each card a row. Created by the time in its id, else by its action; resolved when it came into a done
    list, was marked complete or archived."""
    lists = {one.get("id"): str(one.get("name", "")) for one in board["lists"]}
    people = {
        one.get("id"): str(one.get("fullName") or one.get("username") or "") for one in board.get("members") or ()
    }
    actions = sorted(board.get("actions") or (), key=lambda action: str(action.get("date", "")))
    made, moved, archived = {}, {}, {}
    for action in actions:
        about = action.get("data") or {}
        card = (about.get("card") or {}).get("id")
        if action.get("type") in ("createCard", "copyCard", "convertToCardFromCheckItem"):
            made.setdefault(card, action.get("date"))
        elif action.get("type") == "updateCard":
            if "listAfter" in about:
                moved[card] = action.get("date")
            if (about.get("card") or {}).get("closed"):
                archived[card] = action.get("date")
    rows = []
    for number, card in enumerate(board["cards"], start=1):
        key, stands = card.get("id"), lists.get(card.get("idList"), "")
        labels = [str(one.get("name") or one.get("color") or "") for one in card.get("labels") or ()]
        done = ""
        if plain(stands) in STATES["done"]:
            done = moved.get(key) or card.get("dateLastActivity") or ""
        elif card.get("dueComplete"):
            done = card.get("dateCompleted") or card.get("dateLastActivity") or ""
        elif card.get("closed"):
            done = archived.get(key) or card.get("dateClosed") or card.get("dateLastActivity") or ""
        rows.append(Row(number, (
            str(card.get("name") or ""), str(card.get("shortLink") or key or ""),
            str(card.get("desc") or "")[:MAX_CELL], stands, ", ".join(filter(None, labels)),
            ", ".join(filter(None, (people.get(one, "") for one in card.get("idMembers") or ()))),
            _made(str(key or "")) or str(made.get(key) or ""), str(done), str(card.get("due") or ""),
            str(board.get("name") or ""),
        )))  # fmt: skip
    facts = {
        name: len(board.get(name) or ()) for name in ("lists", "cards", "labels", "checklists", "actions", "members")
    }
    return Reading(Table(TRELLO, tuple(rows), "JSON"), "Trello", facts)


def _made(key: str) -> str:
    """The first eight digits of an id are the second it was made in; '' for an id of another kind."""
    try:
        seconds = int(key[:8], 16) if len(key) == 24 else 0
        int(key, 16)
    except ValueError:
        return ""
    return datetime.datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else ""
