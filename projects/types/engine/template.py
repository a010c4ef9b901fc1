"""What a template of a project holds, read from and written to plain JSON values, and what is wrong with one."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

# The life cycle that every template is anchored to; phases follow it in this order.
KINDS = ("initiation", "planning", "execution", "monitoring", "closing")
NEEDED = ("initiation", "planning", "execution", "closing")
EVIDENCE = ("any", "link", "file", "document")
ANCHORS = ("phase", "project")
PROJECT_ROLES = ("manager", "sponsor", "delivery_manager", "member", "stakeholder")
RESPONSES = ("", "avoid", "mitigate", "transfer", "accept", "exploit", "enhance")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_ROWS = 200  # of one section
MAX_DAYS = 2000  # working days
AFTER = re.compile(r"(?P<key>[a-z0-9-]+)\s*(?P<type>FS|SS|FF|SF)?\s*(?P<lag>[+-]\s*\d{1,4})?", re.ASCII)


@dataclass(frozen=True)
class Phase:
    key: str
    name: str
    kind: str


@dataclass(frozen=True)
class Line:
    """What a gate asks for. ``evidence``: any (words suffice), link, file, or document (a file or a link)."""

    phase: str
    text: str
    required: bool = True
    evidence: str = "any"


@dataclass(frozen=True)
class Document:
    """A document to be made in a phase; its gate asks for it."""

    phase: str
    title: str
    required: bool = True


@dataclass(frozen=True)
class Role:
    """A role to be filled: ``role`` is what it may do in the project, ``name`` what it is called in the plan."""

    key: str
    name: str
    role: str = "member"
    skill: str = ""


@dataclass(frozen=True)
class Task:
    """``days``: working days, 0 is a milestone. ``offset``: working days from the start of its phase or project."""

    key: str
    name: str
    phase: str
    days: int = 1
    anchor: str = "phase"
    offset: int = 0
    after: str = ""
    role: str = ""


@dataclass(frozen=True)
class Risk:
    title: str
    description: str = ""
    category: str = ""
    probability: int | None = None
    impact: int | None = None
    response: str = ""
    response_plan: str = ""


@dataclass(frozen=True)
class Template:
    phases: tuple[Phase, ...] = ()
    lines: tuple[Line, ...] = ()
    documents: tuple[Document, ...] = ()
    roles: tuple[Role, ...] = ()
    tasks: tuple[Task, ...] = ()
    risks: tuple[Risk, ...] = field(default_factory=tuple)


SECTIONS: dict[str, type] = {
    "phases": Phase,
    "lines": Line,
    "documents": Document,
    "roles": Role,
    "tasks": Task,
    "risks": Risk,
}


def gettext_noop(text: str) -> str:
    """Marks a message for translation (``makemessages`` knows the name); whoever shows it translates it."""
    return text


@dataclass(frozen=True)
class Problem:
    """What is wrong: in which section and row (from 0; None: the section as a whole), and what would be right.

    ``text`` has the places of ``words`` in it (%(name)s); translated or not, ``text % words`` is what is told.
    """

    section: str
    row: int | None
    field: str
    text: str
    words: Mapping[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """In English."""
        return self.text % self.words


def read(content: Mapping[str, Any]) -> Template:
    """From JSON values; what is not known is left out, what may be missing has its default."""
    made = {}
    for section, kind in SECTIONS.items():
        known = {one.name for one in fields(kind)}
        made[section] = tuple(
            kind(**{name: value for name, value in row.items() if name in known}) for row in content.get(section, ())
        )
    return Template(**made)


def write(template: Template) -> dict[str, list[dict[str, Any]]]:
    """As JSON values; ``read`` gives the same template."""
    return {section: [asdict(row) for row in getattr(template, section)] for section in SECTIONS}


def parse_after(text: str) -> list[tuple[str, str, int]]:
    """'design; build SS+2' as [(key, type, lag in working days)]. ValueError names the part that can't be read."""
    found = []
    for part in re.split(r"[;,]", text):
        if not (part := part.strip()):
            continue
        match = AFTER.fullmatch(part)
        if match is None:
            raise ValueError(part)
        found.append((match["key"], match["type"] or "FS", int((match["lag"] or "0").replace(" ", ""))))
    return found


def problems(template: Template) -> list[Problem]:
    """Everything that keeps the template from being used, by section and row; empty: it can be published."""
    found = [
        Problem(section, None, "", gettext_noop("At most %(most)s rows."), {"most": MAX_ROWS})
        for section in SECTIONS
        if len(getattr(template, section)) > MAX_ROWS
    ]
    return [
        *found,
        *_phases(template),
        *_of_phases(template, "lines", "text", 300),
        *_of_phases(template, "documents", "title", 280),
        *_lines(template),
        *_roles(template),
        *_tasks(template),
        *_risks(template),
    ]


def _phases(template: Template) -> Iterable[Problem]:
    keys: set[str] = set()
    last = 0
    for at, phase in enumerate(template.phases):
        if phase.kind not in KINDS:
            yield Problem(
                "phases", at, "kind", gettext_noop("Not one of the life cycle: %(kinds)s."), {"kinds": ", ".join(KINDS)}
            )
            continue
        if not 1 <= len(phase.name.strip()) <= 60:
            yield Problem("phases", at, "name", gettext_noop("A phase has a name of 1 to 60 characters."))
        yield from _key("phases", at, phase.key, keys)
        place = KINDS.index(phase.kind)
        if place < last:
            yield Problem(
                "phases",
                at,
                "kind",
                gettext_noop("Comes before %(kind)s: phases follow the life cycle."),
                {"kind": KINDS[last]},
            )
        last = max(last, place)
    for kind in NEEDED:
        if not any(phase.kind == kind for phase in template.phases):
            yield Problem("phases", None, "", gettext_noop("At least one phase of %(kind)s is needed."), {"kind": kind})
    if sum(phase.kind == "monitoring" for phase in template.phases) > 1:
        yield Problem("phases", None, "", gettext_noop("Monitoring runs beside all of execution: there is only one."))


def _key(section: str, at: int, key: str, keys: set[str]) -> Iterable[Problem]:
    if not SLUG.fullmatch(key) or len(key) > 40:
        yield Problem(
            section, at, "key", gettext_noop("A key has small letters, digits and single hyphens, such as pilot-2.")
        )
    elif key in keys:
        yield Problem(section, at, "key", gettext_noop("%(name)s stands there twice."), {"name": key})
    keys.add(key)


def _of_phases(template: Template, section: str, name: str, most: int) -> Iterable[Problem]:
    keys = {phase.key for phase in template.phases}
    for at, row in enumerate(getattr(template, section)):
        if row.phase not in keys:
            yield Problem(section, at, "phase", gettext_noop("There is no phase “%(key)s”."), {"key": row.phase})
        if not 1 <= len(getattr(row, name).strip()) <= most:
            yield Problem(section, at, name, gettext_noop("1 to %(most)s characters."), {"most": most})


def _lines(template: Template) -> Iterable[Problem]:
    for at, line in enumerate(template.lines):
        if line.evidence not in EVIDENCE:
            yield Problem("lines", at, "evidence", gettext_noop("One of %(words)s."), {"words": ", ".join(EVIDENCE)})


def _roles(template: Template) -> Iterable[Problem]:
    keys: set[str] = set()
    names: set[str] = set()
    for at, role in enumerate(template.roles):
        yield from _key("roles", at, role.key, keys)
        # Tasks name who does them in the plan.
        if (name := role.name.strip().casefold()) in names:
            yield Problem(
                "roles", at, "name", gettext_noop("%(name)s stands there twice."), {"name": role.name.strip()}
            )
        names.add(name)
        if not 1 <= len(role.name.strip()) <= 100:
            yield Problem("roles", at, "name", gettext_noop("A role has a name of 1 to 100 characters."))
        if role.role not in PROJECT_ROLES:
            yield Problem("roles", at, "role", gettext_noop("One of %(words)s."), {"words": ", ".join(PROJECT_ROLES)})


def _tasks(template: Template) -> Iterable[Problem]:
    place = {phase.key: at for at, phase in enumerate(template.phases)}
    where = {task.key: task.phase for task in template.tasks}
    roles = {role.key for role in template.roles}
    keys: set[str] = set()
    before: dict[str, list[str]] = {}
    for at, task in enumerate(template.tasks):
        yield from _key("tasks", at, task.key, keys)
        if not 1 <= len(task.name.strip()) <= 300:
            yield Problem("tasks", at, "name", gettext_noop("A task has a name of 1 to 300 characters."))
        if task.phase not in place:
            yield Problem("tasks", at, "phase", gettext_noop("There is no phase “%(key)s”."), {"key": task.phase})
        if not 0 <= task.days <= MAX_DAYS:
            yield Problem("tasks", at, "days", gettext_noop("0 to %(most)s working days."), {"most": MAX_DAYS})
        if not 0 <= task.offset <= MAX_DAYS:
            yield Problem("tasks", at, "offset", gettext_noop("0 to %(most)s working days."), {"most": MAX_DAYS})
        if task.anchor not in ANCHORS:
            yield Problem("tasks", at, "anchor", gettext_noop("One of %(words)s."), {"words": ", ".join(ANCHORS)})
        if task.role and task.role not in roles:
            yield Problem("tasks", at, "role", gettext_noop("There is no role “%(key)s”."), {"key": task.role})
        try:
            links = parse_after(task.after)
        except ValueError as error:
            yield Problem(
                "tasks",
                at,
                "after",
                gettext_noop("Can't read “%(part)s”: write keys, such as design; build SS+2."),
                {"part": str(error)},
            )
            continue
        for key, _type, _lag in links:
            if key == task.key or key not in where:
                yield Problem("tasks", at, "after", gettext_noop("There is no other task “%(key)s”."), {"key": key})
            elif task.phase in place and where[key] in place and place[where[key]] > place[task.phase]:
                yield Problem(
                    "tasks",
                    at,
                    "after",
                    gettext_noop("%(key)s belongs to a later phase: nothing waits across its gate."),
                    {"key": key},
                )
            else:
                before.setdefault(task.key, []).append(key)
    if circle := _circle(before):
        yield Problem(
            "tasks", None, "", gettext_noop("These wait for each other: %(tasks)s."), {"tasks": " → ".join(circle)}
        )


def _circle(before: Mapping[str, list[str]]) -> list[str]:
    """Keys of one circle of links, or nothing. Without recursion."""
    done: set[str] = set()
    for start in before:
        path: list[str] = []
        waiting = [(start, iter(before.get(start, ())))]
        path.append(start)
        while waiting:
            key, rest = waiting[-1]
            for other in rest:
                if other in path:
                    return [*path[path.index(other) :], other]
                if other not in done:
                    path.append(other)
                    waiting.append((other, iter(before.get(other, ()))))
                    break
            else:
                done.add(key)
                path.pop()
                waiting.pop()
    return []


def _risks(template: Template) -> Iterable[Problem]:
    for at, risk in enumerate(template.risks):
        if not 1 <= len(risk.title.strip()) <= 250:
            yield Problem("risks", at, "title", gettext_noop("A risk has a title of 1 to 250 characters."))
        for name in ("probability", "impact"):
            value = getattr(risk, name)
            if value is not None and not 1 <= value <= 5:
                yield Problem("risks", at, name, gettext_noop("1 to 5, or nothing."))
        if risk.response not in RESPONSES:
            yield Problem(
                "risks",
                at,
                "response",
                gettext_noop("One of %(words)s."),
                {"words": ", ".join(name for name in RESPONSES if name)},
            )
