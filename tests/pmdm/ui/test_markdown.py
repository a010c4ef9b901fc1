"""What people write is rendered, and nothing they write can run."""

import pytest

from pmdm.ui.markdown import render


def test_the_usual_marks():
    assert render("**Late** by *two* days\n- one\n- two") == (
        "<p><strong>Late</strong> by <em>two</em> days</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"
    )


def test_headings_fit_below_those_of_the_page():
    assert render("# Big\n### Small") == "<h3>Big</h3>\n<h4>Small</h4>\n"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "[click](data:text/html;base64,PHNjcmlwdD4=)",
        '<a href="x" onclick="alert(1)">x</a>',
    ],
)
def test_hostile_text_does_nothing(hostile):
    html = render(hostile)
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html
    assert '<a href="x"' not in html
