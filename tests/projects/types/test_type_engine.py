"""Templates as plain values: no database."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.lifecycle import order
from projects.types import engine
from projects.types.engine import Phase, Task, Template
from projects.types.engine.plan import gate_key
from projects.types.shipped import SHIPPED

# A busy machine decides nothing.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def templates(draw):
    """Templates without problems: one to three phases of each kind, tasks that wait for earlier ones."""
    phases = []
    for kind in engine.KINDS:
        most = 1 if kind == "monitoring" else 3
        least = 0 if kind == "monitoring" else 1
        phases += [Phase(f"{kind}-{n}", f"{kind} {n}", kind) for n in range(draw(st.integers(least, most)))]
    tasks: list[Task] = []
    for phase in phases:
        for _ in range(draw(st.integers(0, 4))):
            links = []
            for other in draw(st.lists(st.sampled_from(tasks), max_size=2, unique=True)) if tasks else []:
                kind, lag = draw(st.sampled_from(["FS", "SS", "FF", "SF"])), draw(st.integers(-5, 5))
                links.append(f"{other.key} {kind}{lag:+d}")
            anchor, offset = draw(st.sampled_from(["phase", "project"])), draw(st.integers(0, 9))
            days = draw(st.integers(0, 20))
            tasks.append(Task(f"t-{len(tasks)}", "Task", phase.key, days, anchor, offset, "; ".join(links)))
    return Template(phases=tuple(phases), tasks=tuple(tasks))


@pytest.mark.parametrize("slug", SHIPPED)
def test_the_shipped_templates_are_right(slug):
    _name, _text, template = SHIPPED[slug]
    assert engine.problems(template) == []
    assert len(template.tasks) > 10
    assert {line.evidence for line in template.lines} >= {"any", "file"}
    assert engine.read(engine.write(template)) == template


@calm
@given(templates())
def test_what_is_made_by_the_rules_has_no_problems_and_reads_back(template):
    assert engine.problems(template) == []
    assert engine.read(engine.write(template)) == template


@calm
@given(templates())
def test_the_plan_has_no_path_around_a_gate(template):
    """Every task begins at or after the gate before its phase, whatever the dates: by links that hold its start."""
    rows = {row.key: row for row in engine.planned_tasks(template)}
    gated = [phase.key for phase in template.phases if phase.kind != "monitoring"]
    first_execution = next(phase.key for phase in template.phases if phase.kind == "execution")

    def holds_back(key, gate, seen=()):
        """Whether the start of this row can't lie before the gate."""
        return any(
            other == gate or (other not in seen and holds_back(other, gate, (*seen, key)))
            for other, kind, lag in rows[key].after
            if kind in ("FS", "SS") and lag >= 0
        )

    for phase in template.phases:
        beside = phase.kind == "monitoring"
        at = gated.index(first_execution if beside else phase.key)
        if not at:
            continue
        before = gate_key(gated[at - 1])
        for task in template.tasks:
            if task.phase == phase.key:
                assert holds_back(task.key, before), f"{task} may begin before {before}"
        if not beside:
            assert holds_back(gate_key(phase.key), before), f"the gate of {phase.key} may lie before {before}"


@calm
@given(templates())
def test_each_phase_begins_once_and_only_by_the_gate_before_it(template):
    places = [order.Place(phase.key, phase.kind) for phase in template.phases]
    gated = [place.key for place in places if place.kind != "monitoring"]
    begun, ended, now = order.begins(places), [], gated[0]
    while now:
        ended += order.ends_with(places, now)
        opened = order.opens(places, now)
        begun += opened
        now = opened[0] if opened else ""
    assert sorted(begun) == sorted(place.key for place in places)
    assert sorted(ended) == sorted(begun)
    assert [key for key in begun if key in gated] == gated


GOOD = SHIPPED["software"][2]


@pytest.mark.parametrize(
    ("change", "section", "row", "field"),
    [
        ({"phases": GOOD.phases[1:]}, "phases", None, ""),
        ({"phases": (GOOD.phases[1], GOOD.phases[0], *GOOD.phases[2:])}, "phases", 1, "kind"),
        ({"phases": (*GOOD.phases, replace(GOOD.phases[0], kind="closing"))}, "phases", 6, "key"),
        ({"phases": (replace(GOOD.phases[0], key="No key"), *GOOD.phases[1:])}, "phases", 0, "key"),
        ({"lines": (replace(GOOD.lines[0], phase="nowhere"),)}, "lines", 0, "phase"),
        ({"lines": (replace(GOOD.lines[0], evidence="song"),)}, "lines", 0, "evidence"),
        ({"documents": (replace(GOOD.documents[0], title=" "),)}, "documents", 0, "title"),
        ({"roles": (replace(GOOD.roles[0], role="king"), *GOOD.roles[1:])}, "roles", 0, "role"),
        ({"tasks": (replace(GOOD.tasks[0], after="nothing"),)}, "tasks", 0, "after"),
        ({"tasks": (replace(GOOD.tasks[0], after="a b c"),)}, "tasks", 0, "after"),
        ({"tasks": (replace(GOOD.tasks[0], days=-1),)}, "tasks", 0, "days"),
        ({"tasks": (replace(GOOD.tasks[0], role="nobody"),)}, "tasks", 0, "role"),
        ({"risks": (replace(GOOD.risks[0], impact=6),)}, "risks", 0, "impact"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(change, section, row, field):
    found = engine.problems(replace(GOOD, **change))
    assert (section, row, field) in [(one.section, one.row, one.field) for one in found]


def test_a_circle_is_named_and_a_later_phase_is_not_waited_for():
    one, two = Task("a", "A", "core", after="b"), Task("b", "B", "core", after="a")
    assert any("a → b → a" in found.message for found in engine.problems(replace(GOOD, tasks=(one, two))))
    early, late = Task("a", "A", "planning", after="b"), Task("b", "B", "core")
    assert any("later phase" in found.message for found in engine.problems(replace(GOOD, tasks=(early, late))))


def test_links_are_read_as_typed():
    assert engine.parse_after("design; build SS+2, test FF - 3") == [
        ("design", "FS", 0),
        ("build", "SS", 2),
        ("test", "FF", -3),
    ]
    with pytest.raises(ValueError, match="what is this"):
        engine.parse_after("design; what is this")


def test_every_problem_can_be_said_in_another_language(monkeypatch):
    """The engine leaves the words to whoever shows them: each text goes through gettext, with its places unfilled."""
    import ast
    import inspect

    from projects.types import words

    source = ast.parse(inspect.getsource(engine.template))
    made = [
        node for node in ast.walk(source) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem"
    ]
    assert len(made) > 20, "the walk must not run empty"
    for node in made:
        assert isinstance(node.args[3], ast.Call), ast.unparse(node)
        assert node.args[3].func.id == "gettext_noop", ast.unparse(node)
        assert isinstance(node.args[3].args[0], ast.Constant), "no f-string: it would not be found in a catalogue"
    asked = []
    monkeypatch.setattr(words, "_", lambda text: asked.append(text) or f"<{text}>")
    found = engine.problems(replace(GOOD, tasks=(replace(GOOD.tasks[0], days=-1),)))
    told = words.told(found, {"tasks": "Vorgänge"})
    assert asked == ["0 to %(most)s working days."]
    assert [(one.title, one.number, one.message) for one in told] == [("Vorgänge", 1, "<0 to 2000 working days.>")]
