"""Reading strangers' tables: what is taken, what is refused, and with which words."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from pmdm.interchange import tabular
from pmdm.interchange.tabular import Field, TableRefused, map_columns, read, suggest, write_csv


def refusal(data, **limits):
    with pytest.raises(TableRefused) as caught:
        read(data, **limits)
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-8", ""), ("utf-8-sig", ""), ("utf-16", ""), ("utf-16-le", ""), ("utf-16-be", "")]
)
def test_reads_text_in_all_usual_encodings(encoding, mark):
    table = read("name;town\nJosé;Zürich\n".encode(encoding))
    assert table.header == ("name", "town")
    assert table.rows[0].cells == ("José", "Zürich")
    assert table.warnings == ()


def test_says_when_it_had_to_assume_windows():
    table = read("name,town\nAnn,Bern\nJosé,Genève\n".encode("cp1252"))
    assert table.column("town") == ["Bern", "Genève"]
    assert "Line 3" in table.warnings[0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_finds_the_delimiter(delimiter):
    rows = [["id", "text", "note"], ["1", "a, b; c", "x|y"], ["2", "d", "e"]]
    quoted = "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    table = read(quoted.encode())
    assert table.delimiter == delimiter
    assert table.rows[0].cells == ("1", "a, b; c", "x|y")


def test_lines_are_those_of_the_file():
    table = read(b'a,b\n\n"two\nlines",2\n3,4\n')
    assert [row.line for row in table.rows] == [3, 5]


def test_short_rows_are_filled_and_names_made_unique():
    table = read(b"Key,Labels,Labels,,\n1,x\n")
    assert table.header == ("Key", "Labels", "Labels (2)")
    assert table.rows[0].cells == ("1", "x", "")


def test_a_row_that_is_too_wide_is_named():
    problem = refusal(b"a,b\n1,2\n1,2,3\n")
    assert (problem.line, problem.value) == (3, "3 cells")
    assert "2 columns" in problem.accepted


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"", "an empty file"),
        (b"  \n \n", "an empty file"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Excel file (.xls)"),
        (b"\x1f\x8b\x08\x00", "a gzip archive"),
        (b"\x7fELF\x02\x01", "a program"),
        (bytes(range(256)) * 20, "binary data"),
        (b"PK\x03\x04broken", "a damaged XLSX file (BadZipFile)"),
    ],
)
def test_refuses_what_is_no_table(data, value):
    problem = refusal(data)
    assert problem.value == value
    assert "accepted" in problem.accepted


def test_refuses_what_is_too_large():
    assert "bytes" in refusal(b"a,b\n1,2\n", max_bytes=5).accepted
    assert "up to 2 rows" in refusal(b"a\n1\n2\n3\n", max_rows=2).accepted
    assert "columns" in refusal(",".join(str(n) for n in range(501)).encode()).accepted
    assert "characters" in refusal(b"a,b\n1," + b"x" * 40_000 + b"\n").accepted
    assert "characters" in refusal(b"a,b\n1," + b"x" * 200_000 + b"\n").accepted


def test_refuses_text_that_is_broken():
    assert refusal(b"\xef\xbb\xbfa,b\n1,\xff\n").line == 2
    assert refusal(b"a,b\n1,2\n" + b"\x81\x8d,\x8f\n").line == 3
    # A zero byte far behind the first block.
    assert refusal(b"a,b\n" + b"1,2\n" * 3000 + b"1,\x00\n").line == 3002


def workbook(rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_reads_a_workbook():
    table = read(workbook([["id", "day", "sum"], [1, None, 2.5], [2, "x", 3.0]]))
    assert table.encoding == "XLSX"
    assert table.rows[0].cells == ("1", "", "2.5")
    assert table.rows[1].cells == ("2", "x", "3")


def test_a_formula_is_not_computed():
    table = read(workbook([["id", "value"], [1, '=HYPERLINK("http://evil.example","x")']]))
    assert table.rows[0].cells == ("1", "")


def test_refuses_a_zip_bomb_and_a_zip_that_is_no_workbook():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (tabular.MAX_UNPACKED + 1))
    assert "unpacked" in refusal(out.getvalue()).value
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert refusal(out.getvalue()).value == "a ZIP archive"


def test_refuses_entities_in_a_workbook():
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([["a"], ["b"]]))) as good, zipfile.ZipFile(out, "w") as bad:
        for part in good.infolist():
            data = good.read(part)
            if part.filename == "xl/workbook.xml":
                entity = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
                head, sign, rest = data.partition(b"?>")
                data = head + sign + entity + rest if sign else entity + data
            bad.writestr(part, data)
    assert "damaged XLSX" in refusal(out.getvalue()).value


FIELDS = (Field("title", ("summary", "subject")), Field("created", ("created at",), required=True))


def test_columns_are_found_by_their_usual_names():
    assert suggest(["SUBJECT", "Created_At", "x"], FIELDS) == {"title": "SUBJECT", "created": "Created_At"}
    # An earlier alias wins over a later one.
    assert suggest(["subject", "summary"], FIELDS)["title"] == "summary"


def test_a_mapping_is_checked():
    header = ["when", "Summary", "created"]
    assert map_columns(header, FIELDS, {"created": "when"}) == {"title": 1, "created": 0}
    assert map_columns(header, FIELDS, {"title": ""}) == {"created": 2}
    for wrong, accepted in (
        ({"nope": "when"}, "title"),
        ({"title": "nope"}, "Summary"),
        ({"created": ""}, "created at"),
    ):
        with pytest.raises(TableRefused) as caught:
            map_columns(header, FIELDS, wrong)
        assert accepted in caught.value.problems[0].accepted


def test_cells_that_look_like_formulas_are_neutralised():
    text = write_csv(["=a", "b"], [["=1+1", -5], ["+x", "-y"], ["@z", "\tq"], ["plain", None], ['a,"b', "\rc"]])
    assert text.splitlines()[:3] == ["'=a,b", "'=1+1,-5", "'+x,'-y"]
    assert "'@z,'\tq" in text
    assert "plain,\r\n" in text
    assert '"a,""b","\'\rc"' in text


def test_problems_are_counted_but_not_all_kept():
    problems = tabular.Problems()
    for number in range(tabular.MAX_PROBLEMS + 50):
        problems.add(number, "a", "b", "c")
    with pytest.raises(TableRefused) as caught:
        problems.refuse_if_any()
    assert len(caught.value.problems) == tabular.MAX_PROBLEMS
    assert caught.value.count == tabular.MAX_PROBLEMS + 50
