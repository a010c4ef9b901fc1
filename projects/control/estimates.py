"""Three points for a task's duration: read from what people type, line by line, and saved all or nothing.

A point is a duration as everywhere in the plan (3d, 2w, 4h); of an elapsed task it is elapsed (3ed). The most likely
one may be left out: then it is the planned duration, and moves with it.
"""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.control.models import Shape
from projects.lifecycle.standing import while_open
from projects.models import Project, SimulationSettings, Task, TaskEstimate
from projects.schedule.exporting import units_of
from projects.schedule.notation import NotationError, TimeUnits, format_duration, parse_duration

POINTS = ("optimistic", "likely", "pessimistic")
MAX_LINES = 10_000
SHOWN_PROBLEMS = 50
LONGEST = 60 * 24 * 366 * 20  # minutes; as long as a task of the plan may last


@dataclass
class Typed:
    """What stands in the fields of one task: texts as typed, the shape, and what is wrong with them."""

    task: Task
    texts: dict[str, str]
    shape: str = Shape.TRIANGULAR
    errors: dict[str, str] = field(default_factory=dict)
    values: dict[str, int | None] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not any(text.strip() for text in self.texts.values())

    @property
    def fields(self) -> list[tuple[str, str, str]]:
        return [(name, self.texts.get(name, ""), self.errors.get(name, "")) for name in POINTS]


def stored(task: Task, units: TimeUnits) -> Typed:
    """The task's estimate as texts; empty where it has none."""
    estimate = getattr(task, "estimate", None)
    if estimate is None:
        return Typed(task, dict.fromkeys(POINTS, ""))

    def text(minutes):
        return "" if minutes is None else format_duration(minutes, elapsed=task.duration_elapsed, units=units)

    return Typed(task, {name: text(getattr(estimate, name)) for name in POINTS}, estimate.shape)


def check(typed: Typed, units: TimeUnits) -> None:
    """Fill ``values``, or ``errors`` with what was wrong and what would be accepted."""
    typed.errors, typed.values = {}, {}
    if typed.shape not in Shape.values:
        typed.errors["shape"] = _("Choose %(shapes)s.") % {"shapes": ", ".join(map(str, Shape.values))}
    if typed.empty:
        return
    for name in POINTS:
        text = typed.texts.get(name, "").strip()
        if not text:
            if name != "likely":
                typed.errors[name] = _("Give a duration such as 3d; empty all of them for the default.")
            continue
        try:
            duration = parse_duration(text, units)
        except NotationError as error:
            typed.errors[name] = str(error)
            continue
        if duration.elapsed != typed.task.duration_elapsed:
            typed.errors[name] = (
                _("This task lasts elapsed time: write it as 3ed.")
                if typed.task.duration_elapsed
                else _("This task lasts working time: write it as 3d, without e.")
            )
        elif duration.minutes > LONGEST:
            typed.errors[name] = _("A task lasts at most twenty years.")
        else:
            typed.values[name] = round(duration.minutes)
    if not typed.errors:
        _check_order(typed, units)


def _check_order(typed: Typed, units: TimeUnits) -> None:
    low, likely, high = (typed.values.get(name) for name in POINTS)
    assert low is not None
    assert high is not None
    if low > high:
        typed.errors["pessimistic"] = _("The pessimistic duration is at least the optimistic one.")
    elif likely is not None and not low <= likely <= high:
        typed.errors["likely"] = _("The most likely duration lies between the optimistic and the pessimistic one.")
    elif likely is None and not low <= typed.task.duration <= high:
        typed.errors["likely"] = _(
            "The plan says %(plan)s, which does not lie between the two: give a most likely duration."
        ) % {"plan": format_duration(typed.task.duration, elapsed=typed.task.duration_elapsed, units=units)}


@while_open
def set_defaults(project: Project, *, by, **values: Any) -> None:
    """What counts for every task without an estimate of its own."""
    SimulationSettings.objects.update_or_create(project=project, defaults=values)


@while_open
def save(project: Project, rows: list[Typed], *, by) -> int:
    """Store checked rows, remove the estimates of empty ones; the number of estimates that changed.

    ValidationError where one has errors; nothing is saved then.
    """
    if any(row.errors for row in rows):
        raise ValidationError(_("Nothing was saved: please look at the marked fields."), code="estimates")
    Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    there = {
        row.task_id: row for row in TaskEstimate.objects.filter(project=project, task__in=[one.task for one in rows])
    }
    known = set(project.tasks.filter(pk__in=[row.task.pk for row in rows]).values_list("pk", flat=True))
    gone, new, changed = [], [], []
    for row in rows:
        old = there.get(row.task.pk)
        if row.task.pk not in known:
            continue  # removed meanwhile: there is nothing to estimate any more
        if row.empty:
            if old:
                gone.append(old.pk)
            continue
        values = {name: row.values.get(name) for name in POINTS} | {"shape": row.shape}
        if old is None:
            new.append(TaskEstimate(project=project, task=row.task, **values))
        elif any(getattr(old, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(old, name, value)
            changed.append(old)
    TaskEstimate.objects.filter(pk__in=gone).delete()
    TaskEstimate.objects.bulk_create(new, batch_size=1000)
    TaskEstimate.objects.bulk_update(changed, [*POINTS, "shape"], batch_size=1000)
    return len(gone) + len(new) + len(changed)


def open_tasks(project):
    """Tasks whose duration is still unknown: with work of their own, not done."""
    return (
        project.tasks.filter(is_summary=False, is_active=True, percent__lt=100, duration__gt=0)
        .select_related("estimate")
        .order_by("number")
    )


class Pasted:
    """A block of lines from a spreadsheet: number (or WBS), optimistic, most likely, pessimistic, shape."""

    def __init__(self, project: Project, text: str) -> None:
        self.project, self.text = project, text
        self.problems: list[str] = []
        self.rows: list[Typed] = []
        self._read()

    def _read(self) -> None:
        lines = [(at, line) for at, line in enumerate(self.text.splitlines(), 1) if line.strip()]
        if len(lines) > MAX_LINES:
            self.problems.append(_("At most %(n)s lines are read at once.") % {"n": MAX_LINES})
            return
        tasks = list(open_tasks(self.project))
        by_name = {task.wbs: task for task in tasks} | {str(task.number): task for task in tasks}
        units, seen = units_of(self.project), set()
        for at, line in lines:
            cells = [cell.strip() for cell in (line.split("\t") if "\t" in line else line.split(";"))]
            task = by_name.get(cells[0])
            if task is None:
                if at == lines[0][0] and not any(cell[:1].isdigit() for cell in cells[1:4]):
                    continue  # a header
                self._say(at, _("there is no unfinished task %(name)s") % {"name": cells[0] or "“”"})
                continue
            if task.pk in seen:
                self._say(at, _("task %(name)s stands there twice") % {"name": cells[0]})
                continue
            seen.add(task.pk)
            if not 4 <= len(cells) <= 5:
                self._say(at, _("give number, optimistic, most likely, pessimistic and perhaps the shape, with tabs"))
                continue
            texts = dict(zip(POINTS, cells[1:4], strict=True))
            shape = cells[4].lower() if len(cells) == 5 and cells[4] else Shape.TRIANGULAR
            row = Typed(task, texts, shape)
            check(row, units)
            for name, error in row.errors.items():
                self._say(at, f"{labels().get(name, name)}: {error}")
            self.rows.append(row)

    def _say(self, line: int, problem: str) -> None:
        self.problems.append(_("Line %(line)s: %(problem)s") % {"line": line, "problem": problem})


def labels() -> dict[str, str]:
    return {
        "optimistic": _("optimistic"),
        "likely": _("most likely"),
        "pessimistic": _("pessimistic"),
        "shape": _("shape"),
    }


def settings_of(project) -> SimulationSettings:
    """The project's own, or the usual ones, not yet saved."""
    return SimulationSettings.objects.filter(project=project).first() or SimulationSettings(project=project)
