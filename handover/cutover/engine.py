"""What a live run of a cutover allows next, told from its log alone. Plain Python, no clock.

The log is all there is: states are never stored, so nothing can disagree with it. Steps come in the order of the plan.
A go/no-go point holds back everything behind it until it says go, and says go only when all before it is over. Once a
rollback is decided only the steps of the rollback move.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

TASK, DECISION, ROLLBACK = "task", "decision", "rollback"
# Events of a step, and of the run as a whole.
START, DONE, PROBLEM, SKIP, GO, NO_GO = "start", "done", "problem", "skip", "go", "no_go"
ROLL_BACK, END, NOTE = "rollback", "end", "note"
PLANNED, RUNNING, SKIPPED = "planned", "running", "skipped"
OVER = frozenset({DONE, SKIPPED, GO})


@dataclass(frozen=True)
class Step:
    id: int
    kind: str  # task, decision or rollback


@dataclass(frozen=True)
class Entry:
    """A line of the log; ``step`` is None for the run as a whole."""

    event: str
    at: datetime
    step: int | None = None


@dataclass
class Progress:
    """Where one step stands, when it began and when it was over."""

    state: str = PLANNED
    started: datetime | None = None
    finished: datetime | None = None

    @property
    def is_over(self) -> bool:
        return self.state in OVER


@dataclass
class Run:
    steps: Sequence[Step]
    progress: dict[int, Progress] = field(default_factory=dict)
    rolled_back_at: datetime | None = None
    ended_at: datetime | None = None

    def allowed(self, step: Step) -> tuple[str, ...]:
        """Events that this step may take now, the usual one first."""
        mine = self.progress[step.id]
        if self.ended_at or mine.is_over or (step.kind == ROLLBACK) != bool(self.rolled_back_at):
            return ()
        before = self._before(step)
        if any(other.kind == DECISION and self.progress[other.id].state != GO for other in before):
            return ()
        if step.kind == DECISION:
            ready = all(self.progress[other.id].is_over for other in before)
            return (GO, NO_GO) if ready else (NO_GO,) if mine.state != NO_GO else ()
        if mine.state == PLANNED:
            return START, SKIP
        return (DONE, PROBLEM, SKIP) if mine.state == RUNNING else (START, DONE, SKIP)

    def _before(self, step: Step) -> list[Step]:
        """The steps of the same part of the plan that come earlier."""
        place = self.steps.index(step)
        return [other for other in self.steps[:place] if (other.kind == ROLLBACK) == (step.kind == ROLLBACK)]

    @property
    def may_roll_back(self) -> bool:
        return not self.ended_at and not self.rolled_back_at

    @property
    def is_through(self) -> bool:
        """Every step of the part that counts is over: of the rollback once it was decided, else of the plan."""
        rest = [step for step in self.steps if (step.kind == ROLLBACK) == bool(self.rolled_back_at)]
        return all(self.progress[step.id].is_over for step in rest)


_STATES = {START: RUNNING, DONE: DONE, PROBLEM: PROBLEM, SKIP: SKIPPED, GO: GO, NO_GO: NO_GO}


def replay(steps: Sequence[Step], entries: Iterable[Entry]) -> Run:
    """The run as its log tells it, entries in the order in which they were written. Unknown steps are left out."""
    run = Run(steps, {step.id: Progress() for step in steps})
    for entry in entries:
        if entry.step is None:
            if entry.event == ROLL_BACK:
                run.rolled_back_at = entry.at
            elif entry.event == END:
                run.ended_at = entry.at
            continue
        progress = run.progress.get(entry.step)
        if progress is None or entry.event not in _STATES:
            continue
        progress.state = _STATES[entry.event]
        if entry.event in (START, GO, NO_GO) and progress.started is None:
            progress.started = entry.at
        if progress.is_over:
            progress.finished = entry.at
    return run
