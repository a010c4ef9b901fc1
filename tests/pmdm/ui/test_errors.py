import pytest
from django.template.loader import render_to_string

ALONE = ["400.html", "403_csrf.html", "429.html", "500.html", "503.html"]


@pytest.mark.parametrize("name", ALONE)
def test_it_needs_neither_request_nor_database(name):
    html = render_to_string(name)
    assert "<h1>" in html
    assert 'href="/"' in html or 'href=""' in html
    assert name[:3] in html


def test_the_limit_says_how_long_to_wait():
    assert "Try again in 300 seconds." in render_to_string("429.html", {"seconds": 300})


def test_the_id_to_quote_is_shown():
    assert "To quote: 4f2a" in render_to_string("503.html", {"request_id": "4f2a"})
