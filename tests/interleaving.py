"""Two transactions, statement by statement, in an order that the test chooses.

Each actor runs its verb in a thread and a transaction of its own, as a request does, and stands still before each of
its statements until it may go on. Who waits for a lock of the other is seen in the database (``pg_blocking_pids``),
never guessed from time. A schedule is (first, begins, tries): ``first`` does that many statements, then the other that
many or until it waits, then ``first`` goes on to its end as far as it can, then the other. That is every schedule of
two actors with two switches between them; with a lock taken early, a third switch has nothing left to change.
"""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

# How long the scheduler sleeps before it asks the database whether somebody waits. It decides nothing.
LOOK_EVERY = 0.004
TO_THE_END = 10**9


class Actor:
    """One verb in a thread. ``outcome``: done, told (a ValidationError) or refused (no permission)."""

    def __init__(self, verb: Callable[[], object]):
        self.verb = verb
        self.changed = threading.Condition()
        self.allowed = self.statements = 0
        self.waiting, self.finished = False, False
        self.outcome, self.error, self.pid = "", None, 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            connection.ensure_connection()
            self.pid = connection.connection.info.backend_pid
            with transaction.atomic():
                with connection.cursor() as cursor:
                    # The scheduler lets people wait for as long as it likes.
                    cursor.execute("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
                with connection.execute_wrapper(self._step):
                    self.verb()
            self.outcome = "done"
        except ValidationError as error:
            self.outcome, self.error = "told", error
        except PermissionDenied as error:
            self.outcome, self.error = "refused", error
        except BaseException as error:  # the test shows it
            self.outcome, self.error = "broken", error
        finally:
            connection.close()
            with self.changed:
                self.finished = True
                self.changed.notify_all()

    def _step(self, execute, sql, params, many, context):
        with self.changed:
            while self.statements >= self.allowed:
                self.waiting = True
                self.changed.notify_all()
                self.changed.wait()
            self.waiting = False
            self.statements += 1
        return execute(sql, params, many, context)

    def go_on(self, steps: int, is_blocked: Callable[[int], bool]) -> str:
        """Let it do so many statements more: 'paused' before the next, 'blocked' by the other, or 'finished'."""
        with self.changed:
            self.allowed = self.statements + steps
            self.waiting = False
            self.changed.notify_all()
            while not (self.finished or self.waiting):
                self.changed.wait(LOOK_EVERY)
                if not (self.finished or self.waiting) and self.pid and is_blocked(self.pid):
                    return "blocked"
            return "finished" if self.finished else "paused"


@dataclass(frozen=True)
class Schedule:
    first: int  # which of the two begins
    begins: int  # statements it does before the other comes
    tries: int  # statements the other does before the first goes on


def interleave(verbs, schedule: Schedule, is_blocked) -> list[Actor]:
    """Run two verbs in this order; both ended when it returns. A deadlock would be an error of one of them."""
    actors = [Actor(verb) for verb in verbs]
    first, second = actors[schedule.first], actors[1 - schedule.first]
    first.go_on(schedule.begins, is_blocked)
    second.go_on(schedule.tries, is_blocked)
    for actor in (first, second, first):
        actor.go_on(TO_THE_END, is_blocked)
    for actor in actors:
        actor.thread.join()
    return actors


def schedules(lengths: tuple[int, int], wanted: int, seed: str) -> list[Schedule]:
    """``wanted`` of the schedules of two verbs that take so many statements alone; the same ones each time."""
    found = [
        Schedule(first, begins, tries)
        for first in (0, 1)
        for begins in range(lengths[first] + 1)
        for tries in (*range(1, min(lengths[1 - first], 4)), TO_THE_END)
    ]
    return random.Random(seed).sample(found, min(wanted, len(found)))
