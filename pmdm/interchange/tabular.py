"""Tables from CSV and XLSX files that strangers made: read with limits, every problem named by line and column.

Plain Python: bytes in, rows of text out, or ``TableRefused`` with the problems. Nothing is guessed silently: a file
that is no UTF-8 is read as Windows-1252 with a warning, and a value is never interpreted here (that is ``values``).
"""

import csv
import datetime
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 500
MAX_CELL = 32_767  # what a spreadsheet's cell can hold
MAX_PROBLEMS = 100
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
ACCEPTED = "a CSV or XLSX file with a header line"

_SIGNATURES = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a gzip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls)",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"SQLite format 3": "a database",
}


@dataclass(frozen=True)
class Problem:
    """One thing that cannot be taken: where, what was found, what would be accepted. Line 0 is the file itself."""

    line: int
    column: str
    value: str
    accepted: str

    def __str__(self) -> str:
        where = f"line {self.line}" if self.line else "the file"
        if self.column:
            where += f", column {self.column}"
        return f"{where}: {shown(self.value)} is not accepted; {self.accepted}."

    def as_json(self) -> dict:
        return {"line": self.line, "column": self.column, "value": self.value[:200], "accepted": self.accepted}


class TableRefused(ValueError):
    """The table cannot be taken; ``problems`` says why, at most MAX_PROBLEMS of ``count``."""

    def __init__(self, problems: Sequence[Problem], count: int = 0) -> None:
        super().__init__("\n".join(map(str, problems[:10])))
        self.problems = list(problems[:MAX_PROBLEMS])
        self.count = max(count, len(problems))


@dataclass(frozen=True)
class Row:
    """One record: the line of the file it begins on, and its cells as text, as many as the header has."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """What was read. Repeated and empty header names are made unique: 'Labels', 'Labels (2)', 'Column 3'."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str
    delimiter: str = ""
    warnings: tuple[str, ...] = ()

    def column(self, name: str) -> list[str]:
        """All cells of one column; ValueError when there is none of that name."""
        index = self.header.index(name)
        return [row.cells[index] for row in self.rows]


@dataclass
class Problems:
    """Collects what is wrong with a table, then refuses it as a whole."""

    found: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, line: int, column: str, value: object, accepted: str) -> None:
        self.count += 1
        if len(self.found) < MAX_PROBLEMS:
            self.found.append(Problem(line, column, str(value), accepted))

    def refuse_if_any(self) -> None:
        if self.found:
            raise TableRefused(self.found, self.count)


def read(data: bytes, *, max_bytes: int = MAX_BYTES, max_rows: int = MAX_ROWS) -> Table:
    """The table in a CSV or XLSX file, told apart by content, not by name; TableRefused with the reason."""
    if len(data) > max_bytes:
        _refuse(f"{len(data):,} bytes", f"up to {max_bytes:,} bytes are accepted")
    if not data.strip():
        _refuse("an empty file", f"{ACCEPTED} is accepted")
    for signature, name in _SIGNATURES.items():
        if data.startswith(signature):
            _refuse(name, f"{ACCEPTED} is accepted")
    if data.startswith(b"PK\x03\x04"):
        return _table(_xlsx_records(data, max_rows), "XLSX", "", (), max_rows)
    text, encoding, warnings = _decode(data)
    delimiter = _delimiter(text)
    return _table(_csv_records(text, delimiter), encoding, delimiter, warnings, max_rows)


def _table(records: Iterator[tuple[int, list[str]]], encoding, delimiter, warnings, max_rows) -> Table:
    header: tuple[str, ...] | None = None
    rows: list[Row] = []
    problems = Problems()
    for line, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = _header(line, cells)
            continue
        while len(cells) > len(header) and not cells[-1].strip():
            cells = cells[:-1]
        if len(cells) > len(header):
            problems.add(
                line, "", f"{len(cells)} cells", f"the header has {len(header)} column{'s' * (len(header) > 1)}"
            )
            continue
        for name, cell in zip(header, cells, strict=False):
            if len(cell) > MAX_CELL:
                problems.add(line, name, f"{cell[:40]}…", f"a cell holds up to {MAX_CELL:,} characters")
        if len(rows) >= max_rows:
            _refuse(f"more than {max_rows:,} rows", f"up to {max_rows:,} rows are accepted")
        rows.append(Row(line, (*cells, *[""] * (len(header) - len(cells)))))
    if header is None:
        raise TableRefused([Problem(0, "", "no header", f"{ACCEPTED} is accepted")])
    problems.refuse_if_any()
    return Table(header, tuple(rows), encoding, delimiter, tuple(warnings))


def _header(line: int, cells: list[str]) -> tuple[str, ...]:
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) > MAX_COLUMNS:
        raise TableRefused([Problem(line, "", f"{len(cells)} columns", f"up to {MAX_COLUMNS} columns are accepted")])
    names: list[str] = []
    seen: dict[str, int] = {}
    for number, cell in enumerate(cells, start=1):
        name = " ".join(cell.split())[:200] or f"Column {number}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def _decode(data: bytes) -> tuple[str, str, tuple[str, ...]]:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _strict(data, encoding), encoding, ()
    if b"\0" in data[:4096]:
        # UTF-16 without its mark: every other byte of Latin text is zero.
        for encoding, offset in (("utf-16-le", 1), ("utf-16-be", 0)):
            half = data[offset:4096:2]
            if half.count(0) > 0.7 * len(half):
                return _strict(data, encoding), encoding, ()
        _refuse("binary data", f"{ACCEPTED} is accepted")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        text, warning = _windows(data, error)
        return text, "cp1252", (warning,)
    _no_zeros(text)
    return text, "utf-8", ()


def _strict(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        # error.object, not data: the codec counts from after the mark.
        line = error.object.count(b"\n", 0, error.start) + 1
        raise TableRefused([Problem(line, "", "bytes that are no text", f"text in {encoding} is accepted")]) from None
    _no_zeros(text)
    return text


def _windows(data: bytes, error: UnicodeDecodeError) -> tuple[str, str]:
    line = data.count(b"\n", 0, error.start) + 1
    controls = sum(1 for byte in data[:4096] if byte < 9 or 13 < byte < 32)
    try:
        if controls > 4:
            raise error
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        raise TableRefused(
            [Problem(line, "", "bytes that are no text", "text in UTF-8, UTF-16 or Windows-1252 is accepted")]
        ) from None
    return text, f"Line {line} is no UTF-8: the file was read as Windows-1252. Check letters such as é and ü."


def _no_zeros(text: str) -> None:
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise TableRefused([Problem(line, "", "a zero byte", "text without zero bytes is accepted")])


def _delimiter(text: str) -> str:
    """The one that gives most columns, the same number in the first records; a comma for a single column."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        try:
            widths = [len(cells) for _line, cells in _first(_csv_records(text[:200_000], delimiter), 20) if any(cells)]
        except TableRefused:
            continue
        if not widths or widths[0] < 2:
            continue
        score = sum(1 for width in widths if width == widths[0]) / len(widths), widths[0]
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _first(records: Iterable, count: int) -> Iterator:
    for number, record in enumerate(records):
        if number >= count:
            return
        yield record


def _csv_records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            accepted = f"quoted cells must end and hold up to {csv.field_size_limit():,} characters"
            raise TableRefused([Problem(line, "", str(error), accepted)]) from None
        yield line, cells


def _xlsx_records(data: bytes, max_rows: int) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import DEFUSEDXML, load_workbook

    if not DEFUSEDXML:  # pragma: no cover - a broken installation
        raise RuntimeError("defusedxml is not installed: XLSX files cannot be read safely.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
            if "xl/workbook.xml" not in archive.namelist():
                _refuse("a ZIP archive", f"{ACCEPTED} is accepted")
        if unpacked > MAX_UNPACKED:
            _refuse(f"{unpacked:,} bytes unpacked", f"up to {MAX_UNPACKED:,} bytes are accepted")
        # data_only: a formula gives the value it last had; nothing is computed.
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            rows = sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS + 1, max_row=max_rows + 2)
            yield from ((line, [_cell(value) for value in row]) for line, row in enumerate(rows, start=1))
        finally:
            book.close()
    except TableRefused:
        raise
    except Exception as error:  # a hostile workbook fails in ways that no list of classes covers
        _refuse(f"a damaged XLSX file ({type(error).__name__})", f"{ACCEPTED} is accepted")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _refuse(value: str, accepted: str) -> NoReturn:
    raise TableRefused([Problem(0, "", value, accepted)])


def shown(value: str) -> str:
    """A value for a message: in quotes, one line, short."""
    line = " ".join(value.split())
    return f"“{line[:77]}…”" if len(line) > 78 else f"“{line}”"


# --- Columns to fields ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Field:
    """What an import can fill: its name, what it is called in other tools' files, whether it must be there."""

    name: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    help: str = ""


def plain(name: str) -> str:
    """A header name without case, spaces and signs: 'Issue Type' and 'issue_type' are the same."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def suggest(header: Sequence[str], fields: Sequence[Field]) -> dict[str, str]:
    """{field: column} by names and aliases, in the order of the aliases; no column twice."""
    columns = {plain(name): name for name in reversed(header)}
    taken: set[str] = set()
    chosen: dict[str, str] = {}
    for each in fields:
        for name in (each.name, *each.aliases):
            column = columns.get(plain(name))
            if column and column not in taken:
                chosen[each.name] = column
                taken.add(column)
                break
    return chosen


def map_columns(header: Sequence[str], fields: Sequence[Field], chosen: dict[str, str] | None = None) -> dict[str, int]:
    """{field: index of its column}; ``chosen`` ({field: column, '' for none}) wins over the suggestion.

    TableRefused for a field or column that is not there and for required fields without a column.
    """
    problems = Problems()
    known = {each.name for each in fields}
    mapping = suggest(header, fields)
    for name, column in (chosen or {}).items():
        if name not in known:
            problems.add(0, "", name, f"a field to fill is one of {', '.join(sorted(known))}")
        elif column and column not in header:
            problems.add(0, "", column, f"a column of the file is one of {', '.join(header)}")
        elif column:
            mapping[name] = column
        else:
            mapping.pop(name, None)
    for each in fields:
        if each.required and each.name not in mapping:
            accepted = ", ".join((each.name, *each.aliases))
            problems.add(1, "", f"no column for {each.name}", f"it may be called {accepted}, or be named")
    problems.refuse_if_any()
    return {name: header.index(column) for name, column in mapping.items()}


# --- Writing ----------------------------------------------------------------------------------------------

_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # what no XML can hold
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")


def neutral(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: text that begins like one gets an apostrophe; numbers stay."""
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        return "'" + value
    return "" if value is None else value


def write_csv(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """CSV text with CRLF lines, formulas neutralised."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([neutral(cell) for cell in header])
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue()


def write_xlsx(title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook of one sheet: header (with widths) bold and frozen, dates and numbers as such.

    Text stays text, also where it begins like a formula: its cells are marked as text for whoever edits them.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or "Sheet")
    sheet.freeze_panes = "A2"
    for number, (_name, width) in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width

    def cell(value: object) -> object:
        if value is None or value == "":
            return None
        if isinstance(value, datetime.datetime):
            dated = WriteOnlyCell(sheet, value)
            dated.number_format = "yyyy-mm-dd hh:mm"
            return dated
        if not isinstance(value, str):
            return value
        value = _UNWRITABLE.sub("", value)[:MAX_CELL]
        if not value.startswith(FORMULA_SIGNS):
            return value
        text = WriteOnlyCell(sheet, value)
        text.data_type = "s"
        text.quotePrefix = True
        return text

    head = []
    for name, _width in columns:
        bold = WriteOnlyCell(sheet, name)
        bold.font = Font(bold=True)
        head.append(bold)
    sheet.append(head)
    for row in rows:
        sheet.append([cell(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
