import datetime as dt
from types import SimpleNamespace

import pytest
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.template import engines
from django.test import RequestFactory
from django.utils import timezone

from pmdm.registers.matrix import Level
from pmdm.ui.guide import _cells, _phases, _rows, _tiles
from pmdm.ui.lists import ListPage
from pmdm.ui.parts import Conflict, Tile

PERSON = SimpleNamespace(pk=1, name="Ines <b>Moreau")
TODAY = dt.date(2026, 11, 23)


def render(source, **context):
    return engines["django"].from_string(source).render(context)


@pytest.mark.parametrize(
    ("status", "shape", "word"),
    [
        ("ok", "circle", "On track"),
        ("watch", "path", "Watch"),
        ("act", "path", "Act"),
        ("na", "circle", "Not available"),
    ],
)
def test_a_light_is_never_colour_alone(status, shape, word):
    html = render("{% light status %}", status=status)
    assert f"is-{status}" in html
    assert f"<{shape}" in html
    assert word in html


def test_an_unknown_status_is_not_available():
    assert "is-na" in render("{% light status %}", status=None)
    assert "is-na" in render("{% mini status %}", status="green")


@pytest.mark.parametrize(
    "source",
    [
        "{% light 'ok' text %}",
        "{% na text %}",
        "{% person someone %}",
        "{% avatar someone %}",
        "{% progress 3 text %}",
        "{% diff text text %}",
        "{% crumbs text '/x/' %}",
        "{% icon 'plus' '' text %}",
        "{% tabs items text %}",
        "{% empty text text '/x/' text %}",
        "{% tiles figures text %}",
        "{% conflict rows text %}",
        "{% money 3 text %}",
        "{{ text|whole_numbers }}",
    ],
)
def test_tags_escape_what_people_typed(source):
    text = "<script>x</script>"
    html = render(
        source,
        text=text,
        someone=SimpleNamespace(pk=1, name=text),
        items=[{"label": text, "url": "/", "current": False, "count": text}],
        figures=[Tile(label=text, value=text, note=text, unit=text, word=text)],
        rows=[Conflict(label=text, base=text, theirs=text, mine=text)],
    )
    assert "<script>" not in html


def test_a_number_of_a_register_is_not_broken_at_its_hyphen():
    html = render("{{ text|whole_numbers|linebreaksbr }}", text="R-12 & CR-4\nnot pre-2020 things")
    assert html == '<span class="nowrap">R-12</span> &amp; <span class="nowrap">CR-4</span><br>not pre-2020 things'


def test_a_person_is_initials_and_name():
    html = render("{% person someone %}{% person nobody %}{% person nobody 'Open' %}", someone=PERSON, nobody=None)
    assert "I&lt;" not in html
    assert "Ines &lt;b&gt;Moreau" in html
    assert "Open" in html


def test_dates_carry_their_machine_form():
    html = render("{% day d %} {% when t %} {% day none %}", d=TODAY, t=timezone.now(), none=None)
    assert '<time datetime="2026-11-23">' in html
    assert "Today, " in html


def test_icons_come_from_the_sprite_and_are_silent_without_a_label():
    assert 'aria-hidden="true"' in render('{% icon "plus" %}')
    assert 'role="img" aria-label="Add"' in render('{% icon "plus" "" "Add" %}')


def test_a_value_that_nothing_judges_has_no_light():
    html = render("{% tiles items 'Figures' %}", items=[Tile(label="Open", value="7", note="of 9")])
    assert "7" in html
    assert "of 9" in html
    assert "Not available" not in html
    assert "Not available" in render(
        "{% tiles items 'Figures' %}", items=[Tile(label="Open", value="7", word="Not available")]
    )


def test_a_tile_without_value_says_why():
    html = render("{% tiles items 'Figures' %}", items=_tiles())
    assert "No survey answered yet" in html
    assert html.count('<svg class="spark"') == 5


def test_the_phase_track_names_the_phase_on_a_phone():
    html = render("{% phase_track phases %}", phases=_phases(TODAY))
    assert "Phase 3 of 7" in html
    assert html.count('aria-current="step"') == 2
    assert 'width="75"' in html


def test_the_phase_track_of_a_finished_project_shows_its_last_phase():
    done = [phase for phase in _phases(TODAY) if phase.state == "done"]
    assert "<b>Planning</b>" in render("{% phase_track phases %}", phases=done)
    assert "<b>" not in render("{% phase_track phases %}", phases=[])


def test_the_matrix_has_headers_and_coloured_fields():
    html = render("{% heat cells 'Open risks' %}", cells=_cells())
    assert html.count('<th scope="row">') == 5
    assert html.count("<td class=") == 25
    assert "R-14 Claims API" in html
    assert html.count('class="h4"') == 3  # scores of 17 and more: 4x5, 5x4, 5x5


@pytest.mark.parametrize(("level", "css"), [(Level.EXTREME, "s4"), (Level.LOW, "s1"), (None, "")])
def test_a_score_has_the_colour_of_its_level(level, css):
    assert render("{{ level|level_class }}", level=level) == css


def test_messages_appear_in_the_live_region_of_a_fragment():
    request = RequestFactory().get("/")
    context = {"request": request, "messages": [Message(messages.SUCCESS, "Saved <b>")]}
    assert render("{% messages_oob %}", **context) == ""
    request.htmx = True
    html = render("{% messages_oob %}", **context)
    assert 'hx-swap-oob="true"' in html
    assert "Saved &lt;b&gt;" in html


def page(query=""):
    request = RequestFactory().get(f"/things/{query}")
    return ListPage(request, _rows(TODAY), sorts={"name": "name", "due": "due"}, default_sort="name", per_page=10)


def test_sort_headers_say_the_order():
    html = render(
        "{% sort_header page 'name' 'Name' %}{% sort_header page 'due' 'Due' 'num' %}", page=page("?sort=-due")
    )
    assert '<th scope="col"><a href="/things/"' in html
    assert '<th scope="col" aria-sort="ascending">' in render("{% sort_header page 'name' 'Name' %}", page=page())
    assert '<th scope="col" class="num" aria-sort="descending"><a href="/things/?sort=due"' in html


def test_pages_link_to_their_neighbours():
    html = render("{% pagination page %}", page=page("?page=2"))
    assert 'href="/things/?page=3"' in html
    assert 'aria-current="page"' in html
    assert "60 rows" in html


def test_fifty_rows_of_tags_stay_cheap():
    """Guards the list benchmark: status, person, date and money of a row, 50 times, in well under 20 ms."""
    source = "{% for r in rows %}{% light r.status %}{% person r.owner %}{% day r.due %}{% money r.cost %}{% endfor %}"
    template = engines["django"].from_string(source)
    rows = list(_rows(TODAY))[:50]
    template.render({"rows": rows})
    best = min(_seconds(lambda: template.render({"rows": rows})) for _turn in range(5))
    assert best < 0.02


def _seconds(work):
    import time

    began = time.perf_counter()
    work()
    return time.perf_counter() - began
