"""Primavera XER: tab-separated tables, ``%T`` name, ``%F`` fields, ``%R`` row, and calendars in nested parentheses."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from pmdm.worktime.engine.calendar import Hours

from .p6 import P6File, P6Record, build_plan, hours_from
from .plan import Plan, PlanCalendar, PlanException, PlanFileError, PlanProblem
from .values import Reader

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 600_000
MAX_FIELDS = 400
MAX_EXCEPTIONS = 20_000
MAX_DEPTH = 12
EXCEL_EPOCH = date(1899, 12, 30)
EXCEL_DAYS = range(1, 146_098)  # to the year 2299
PIECE = re.compile(r"[()]|[^()]+")


def is_xer(data: bytes) -> bool:
    return data[:6] == b"ERMHDR" or data[3:9] == b"ERMHDR"


def parse_xer(data: bytes, project: str = "") -> Plan:
    """The plan of a project in an XER file; PlanFileError names lines and fields of what can't be read."""
    reader = Reader()
    file = read_xer(data, reader)
    return build_plan(file, reader, project)


def read_xer(data: bytes, reader: Reader) -> P6File:
    if len(data) > MAX_BYTES:
        raise _refused("File", f"{len(data):,} bytes", f"a file of at most {MAX_BYTES // 1024**2} MB")
    text = _text(data, reader)
    file = P6File("xer")
    table, fields = "", []
    rows = 0
    record: P6Record | None = None
    for line, content in enumerate(text.split("\n"), start=1):
        content = content.rstrip("\r")
        mark, _tab, rest = content.partition("\t")
        if line == 1:
            cells = content.split("\t")
            if cells[0].lstrip("\ufeff") != "ERMHDR":
                raise _refused("File", content[:40], "an XER file, which begins with ERMHDR", 1)
            file.currency = cells[8].strip().upper() if len(cells) > 8 else ""
        elif mark == "%T":
            table, fields, record = rest.strip(), [], None
        elif mark == "%F":
            fields = [name.strip() for name in rest.split("\t")]
            if not table or len(fields) > MAX_FIELDS:
                raise _refused("%F", content[:60], f"at most {MAX_FIELDS} field names after a %T line", line)
        elif mark == "%R":
            if not fields:
                raise _refused("%R", content[:60], "rows after their %T and %F lines", line)
            rows += 1
            if rows > MAX_ROWS:
                raise _refused("File", f"more than {MAX_ROWS:,} rows", f"at most {MAX_ROWS:,} rows", line)
            cells = rest.split("\t")
            if len(cells) > len(fields) and any(cell.strip() for cell in cells[len(fields) :]):
                reader.refuse(f"Table {table}", f"{len(cells)} cells", f"{len(fields)} cells, as its %F line has", line)
            # P6 writes line breaks within a text as two DEL characters.
            values = {name: cell.replace("\x7f\x7f", "\n").strip() for name, cell in zip(fields, cells, strict=False)}
            record = P6Record(table, {name: value for name, value in values.items() if value}, line)
            file.tables.setdefault(table, []).append(record)
        elif mark in ("%E", "") and not rest:
            continue
        elif record is not None and not content.startswith("%"):
            last = next(reversed(record.values), None)
            if last is not None:
                record.values[last] += "\n" + content  # a text that holds a line break
        else:
            raise _refused("Line", content[:60], "lines that begin with %T, %F, %R or %E", line)
    if reader.problems:
        raise PlanFileError(reader.problems)
    _calendars(file, reader)
    return file


def _text(data: bytes, reader: Reader) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif data.startswith(b"\xef\xbb\xbf"):
        encoding = "utf-8-sig"
    else:
        encoding = "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        if encoding != "utf-8":
            raise _refused("Encoding", f"bytes that are not {encoding}", "text in UTF-8, UTF-16 or Windows-1252", line)
        # P6 writes in the code page of its Windows; the file does not say which.
        text = data.decode("cp1252", errors="replace")
        reader.warn("Encoding", f"line {line} is no UTF-8: the file was read as Windows-1252. Check accented letters.")
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise _refused("File", "a zero byte", "text without zero bytes", line)
    return text


def _calendars(file: P6File, reader: Reader) -> None:
    known = set()
    for row in file.rows("CALENDAR"):
        text, name = row.values.get("clndr_id", ""), row.values.get("clndr_name", "")[:255]
        where = f"Calendar {text} ({name})"
        if not re.fullmatch(r"\d{1,9}", text) or int(text) in known:
            reader.refuse("CALENDAR, clndr_id", text, "a whole number, given once", row.line)
            continue
        uid = int(text)
        known.add(uid)
        base = row.values.get("base_clndr_id", "")
        week, exceptions = read_clndr_data(row.values.get("clndr_data", ""), reader, where, row.line)
        above = int(base) if re.fullmatch(r"\d{1,9}", base) and int(base) != uid else None
        file.calendars.append(PlanCalendar(uid, name, above, above is None, week, exceptions))
        if row.values.get("default_flag") == "Y":
            file.default_calendar = uid
        file.day_hours[uid] = (
            _number(row.values.get("day_hr_cnt"), 8),
            _number(row.values.get("week_hr_cnt"), 40),
            _number(row.values.get("month_hr_cnt"), 160),
        )
    for calendar in file.calendars:
        if calendar.base_uid is not None and calendar.base_uid not in known:
            calendar.base_uid = None


def read_clndr_data(
    text: str, reader: Reader, where: str, line: int | None
) -> tuple[dict[int, Hours], list[PlanException]]:
    """Week and exceptions of ``(0||CalendarData()(…))``: weekdays 1 = Sunday, exceptions by Excel day number."""
    week: dict[int, Hours] = {}
    exceptions: list[PlanException] = []
    if not text:
        return week, exceptions
    try:
        node = _tree(text)
    except ValueError as error:
        reader.refuse(f"{where}, clndr_data", str(error), "nested parentheses such as (0||CalendarData()(…))", line)
        return week, exceptions
    for part in _parts(node):
        if part.name == "DaysOfWeek":
            for day in part.children:
                if day.name in "1234567" and day.name:
                    week[(int(day.name) - 2) % 7] = hours_from(_periods(day), reader, where, line)
        elif part.name == "Exceptions":
            if len(part.children) > MAX_EXCEPTIONS:
                reader.refuse(f"{where}, exceptions", str(len(part.children)), f"at most {MAX_EXCEPTIONS:,}", line)
                continue
            for entry in part.children:
                number = entry.values.get("d", "")
                if not re.fullmatch(r"\d{1,6}", number) or int(number) not in EXCEL_DAYS:
                    reader.refuse(f"{where}, exceptions", number, "day numbers as Excel counts them", line)
                    continue
                date_of = EXCEL_EPOCH + timedelta(days=int(number))
                exceptions.append(PlanException("", date_of, date_of, hours_from(_periods(entry), reader, where, line)))
    # A derived calendar says only what differs; P6 writes an empty list for that.
    return week, sorted(exceptions, key=lambda entry: entry.first)


class _Node:
    """``(number||name(key|value|…)(children))``."""

    __slots__ = ("children", "name", "values")

    def __init__(self, name: str) -> None:
        self.name = name
        self.values: dict[str, str] = {}
        self.children: list[_Node] = []


def _tree(text: str) -> _Node:
    """The node that a text holds; ValueError where the parentheses don't fit."""
    pieces = PIECE.findall(text)
    top = _Node("")
    stack: list[tuple[_Node, int]] = [(top, 2)]  # node, and which of its brackets is open: 0 none, 1 values, 2 children
    for piece in pieces:
        node, state = stack[-1]
        if piece == "(":
            if len(stack) > MAX_DEPTH * 2:
                raise ValueError("more levels than a calendar has")
            if state == 2:
                stack.append((_Node("?"), -1))
            elif state in (0, 1):
                # The first bracket behind a name holds its values, the second its children.
                stack[-1] = node, state + 1
                stack.append((node, 3 if state == 0 else 2))
            else:
                raise ValueError("( where none belongs")
        elif piece == ")":
            if len(stack) == 1:
                raise ValueError("more ) than (")
            closed, was = stack.pop()
            if was in (0, 1, 2) and stack[-1][0] is not closed:
                stack[-1][0].children.append(closed)
        elif piece.strip():
            if state == -1:
                _number_text, bars, name = piece.partition("||")
                if not bars:
                    raise ValueError(piece[:40])
                # Exceptions may hold their values in place of a name: (0||0(d|40179)()).
                stack[-1] = _named(node, name), 0
            elif state == 3:
                cells = piece.split("|")
                node.values.update(zip(cells[::2], cells[1::2], strict=False))
            else:
                raise ValueError(piece[:40])
    if len(stack) != 1:
        raise ValueError("( without its )")
    return top


def _named(node: _Node, name: str) -> _Node:
    node.name = name.strip()
    return node


def _parts(node: _Node) -> Iterator[_Node]:
    for top in node.children:
        yield from top.children


def _periods(node: _Node) -> list[tuple[str, str]]:
    return [(child.values.get("s", ""), child.values.get("f", "")) for child in node.children]


def _number(text: str | None, default: float) -> float:
    try:
        value = float((text or "").replace(",", "."))
    except ValueError:
        return default
    return value if 0 < value < 10_000 else default


def _refused(where: str, value: str, accepted: str, line: int | None = None) -> PlanFileError:
    return PlanFileError([PlanProblem(where, value[:200], accepted, line)])
