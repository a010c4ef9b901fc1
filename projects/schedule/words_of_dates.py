"""The engine's reasons as sentences: why a task starts, finishes and floats as it does, and what it breaks."""

import datetime
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.ui import format as fmt
from pmdm.worktime.engine import WorkCalendar
from projects.schedule.engine import (
    Because,
    Breaks,
    Constraint,
    DrivenBy,
    Explainer,
    Explanation,
    LagUnit,
    LinkIn,
    LinkType,
    Reason,
    TaskIn,
    Violation,
    Wait,
    calendar_of,
)
from projects.schedule.notation import STANDARD_UNITS, TimeUnits, format_duration

WEEKEND = 3  # days from a Friday to the Monday after it
LISTED_DAYS = 4  # days off named one by one


def why(plan, task_id: int, result=None, *, with_people: bool = True) -> dict[str, str]:
    """Sentences about one task of a ``Plan``: start, finish, float, violated; empty where there is nothing to say.

    ``result`` saves a pass where the plan has just been computed. Who is absent is named only ``with_people``.
    KeyError when the plan has no such task.
    """
    words = words_for(plan, result)
    if with_people and plan.settings.people_hours:
        words.absent = plan.hours_of_people.absent
    return words.explanation(words.explainer.explain(task_id))


def violated(plan, result=None) -> dict[int, str]:
    """A sentence for every task of the plan that does not respect a link, constraint or deadline."""
    words = words_for(plan, result)
    return {task: words.violations(each) for task, each in words.explainer.violations().items()}


def words_for(plan, result=None) -> "Words":
    """Everything needed to explain the tasks of this plan."""
    from projects.schedule.localtime import to_wall

    project = plan.project
    explainer = Explainer(
        plan.network(),
        plan.compute() if result is None else result,
        plan.start(),
        plan.calendar,
        project_finish=to_wall(plan.settings.from_finish, project),
        status_date=to_wall(project.status_date, project),
    )
    units = TimeUnits(project.minutes_per_day, project.minutes_per_week, project.days_per_month)
    return Words(explainer, units)


class Words:
    """Tells the reasons of one schedule; tasks are called by their names in the network ('12 Foundations')."""

    def __init__(self, explainer: Explainer, units: TimeUnits = STANDARD_UNITS) -> None:
        self.explainer, self.units = explainer, units
        # Who of the people on a task is away on a day; nobody is named unless the caller says who.
        self.absent: Callable[[Any, datetime.date], list[str]] = lambda _task, _day: []

    def explanation(self, explanation: Explanation) -> dict[str, str]:
        start, finish = self.start(explanation.start), self.finish(explanation.finish)
        back = " ".join(self.step(reason) for reason in explanation.chain)
        if back and explanation.start.because == Because.FINISH:
            finish = f"{finish} {back}"
        elif back:
            start = f"{start} {back}"
        return {
            "start": start,
            "finish": finish,
            "float": self.slack(explanation),
            "violated": self.violations(explanation.violations),
        }

    # Dates

    def start(self, reason: Reason) -> str:
        day = self._at(reason)
        match reason.because:
            case Because.INACTIVE:
                return _("The task is inactive: it holds nobody and nobody holds it.")
            case Because.FINISH:
                return _("Starts %(day)s, counted back %(length)s from its finish.") % {
                    "day": day,
                    "length": self._length(reason),
                }
        return self._sentence(_("Starts %(day)s because %(why)s") % {"day": day, "why": self._why(reason)}, reason)

    def finish(self, reason: Reason) -> str:
        day = self._at(reason)
        match reason.because:
            case Because.INACTIVE:
                return ""
            case Because.DURATION if not reason.minutes:
                return _("Finishes when it starts: it is a milestone.")
            case Because.DURATION:
                text = _("Finishes %(day)s: %(length)s from its start") % {"day": day, "length": self._length(reason)}
                if reason.pauses:
                    text += ngettext(
                        ", with %(n)d interruption", ", with %(n)d interruptions", reason.pauses
                    ) % {"n": reason.pauses}  # fmt: skip
                return self._sentence(text, reason, only_days_off=True)
        return self._sentence(_("Finishes %(day)s because %(why)s") % {"day": day, "why": self._why(reason)}, None)

    def step(self, reason: Reason) -> str:
        """One driver further back: '12 Foundations starts 20 Apr because …'."""
        text = _("%(task)s starts %(day)s because %(why)s") if reason.is_start else _(
            "%(task)s finishes %(day)s because %(why)s"
        )  # fmt: skip
        words = {"task": self._name(reason.task), "day": self._at(reason), "why": self._why(reason)}
        return self._sentence(text % words, reason if reason.is_start else None)

    def _why(self, reason: Reason) -> str:
        match reason.because:
            case Because.LINK:
                assert reason.link is not None
                return self._link(reason, reason.link)
            case Because.CONSTRAINT:
                return self._constraint(reason)
            case Because.MANUAL:
                return _("it was set by hand")
            case Because.ACTUAL:
                return _("that is when it really started") if reason.is_start else _("that is when it really finished")
            case Because.STATUS_DATE if reason.is_start:
                return _("unfinished work waits for the status date (%(day)s)") % {"day": self._day(reason.date)}
            case Because.STATUS_DATE:
                return _("what remains goes on from the status date (%(day)s)") % {"day": self._day(reason.date)}
            case Because.CHILDREN:
                text = _("%(task)s starts first of those below") if reason.is_start else _(
                    "%(task)s finishes last of those below"
                )  # fmt: skip
                return text % {"task": self._name(reason.source)}
            case Because.LATE_DATES if reason.source is not None:
                return _("it is to start as late as possible before %(task)s") % {"task": self._name(reason.source)}
            case Because.LATE_DATES:
                return _("it is to start as late as possible before the finish of the project (%(day)s)") % {
                    "day": self._day(reason.date)
                }
            case Because.DURATION:
                return _("it takes %(length)s") % {"length": self._length(reason)}
            case Because.FINISH:
                return _("it is counted back from its finish")
            case Because.INACTIVE:
                return _("it is inactive")
        return _("the project starts then and nothing holds it")

    def _link(self, reason: Reason, link: LinkIn) -> str:
        text = _("of %(link)s from %(task)s, which finishes %(day)s")
        ends = link.type in (LinkType.FS, LinkType.FF)
        if not ends:
            text = _("of %(link)s from %(task)s, which starts %(day)s")
        assert reason.held is not None
        words = {
            "link": self.link(link),
            "task": self._name(reason.source),
            "day": self._moment(reason.held, self._calendar(link.predecessor), is_start=not ends),
        }
        if link.successor != reason.task:
            text = _("%(summary)s above it waits: %(why)s")
            held = _("%(link)s from %(task)s, which finishes %(day)s") if ends else _(
                "%(link)s from %(task)s, which starts %(day)s"
            )  # fmt: skip
            return text % {"summary": self._name(link.successor), "why": held % words}
        return text % words

    def _constraint(self, reason: Reason) -> str:
        assert reason.constraint is not None
        words = {"what": constraint_words(reason.constraint, self._day(reason.date)), "task": ""}
        if reason.source is not None and reason.source != reason.task:
            words["task"] = self._name(reason.source)
            return _("%(task)s above it must %(what)s") % words
        return _("it must %(what)s") % words

    # Float

    def slack(self, explanation: Explanation) -> str:
        reason = explanation.float
        if reason is None:
            return ""
        if reason.late_because is not None:
            late = reason.late_because
            limit = _("the deadline of %(task)s (%(day)s)") if late.constraint is None else _(
                "“%(what)s” of %(task)s"
            )  # fmt: skip
            what = "" if late.constraint is None else constraint_words(late.constraint, self._day(late.date))
            if late.task == explanation.task:
                limit = _("its deadline (%(day)s)") if late.constraint is None else _("its own “%(what)s”")
            limit %= {"task": self._name(late.task), "day": self._day(late.date), "what": what}
        elif reason.imposed:
            limit = _("the finish set for the project (%(day)s)") % {"day": self._day(reason.finish)}
        else:
            limit = _("the finish of the project (%(day)s)") % {"day": self._day(reason.finish)}
        if reason.total < 0:
            return _("Negative float: it is %(length)s too late for %(limit)s.") % {
                "length": self._minutes(-reason.total, explanation.task),
                "limit": limit,
            }
        if reason.total == 0:
            text = _("No float: any delay moves %(limit)s.") if reason.late_because is None else _(
                "No float: any delay misses %(limit)s."
            )  # fmt: skip
            return text % {"limit": limit}
        text = _("May slip %(total)s before %(limit)s moves") if reason.late_because is None else _(
            "May slip %(total)s before it misses %(limit)s"
        )  # fmt: skip
        text %= {"total": self._minutes(reason.total, explanation.task), "limit": limit}
        if reason.first is not None and reason.free:
            text += _("; after %(free)s it moves %(task)s") % {
                "free": self._minutes(reason.free, explanation.task),
                "task": self._name(reason.first),
            }
        elif reason.first is not None:
            text += _("; any delay moves %(task)s") % {"task": self._name(reason.first)}
        return f"{text}."

    # Violations

    def violations(self, violations: Iterable[Violation]) -> str:
        return " ".join(map(self.violation, violations))

    def violation(self, violation: Violation) -> str:
        """One thing that is not respected, and why."""
        words = {"length": self._minutes(violation.minutes, violation.task), "day": self._day(violation.date)}
        match violation.breaks:
            case Breaks.DEADLINE:
                return _("Finishes %(length)s after its deadline (%(day)s).") % words
            case Breaks.CONSTRAINT:
                assert violation.constraint is not None
                words["what"] = constraint_words(violation.constraint, self._day(violation.date))
                return _("Misses “%(what)s” by %(length)s.") % words
            case Breaks.LINK:
                assert violation.link is not None
                words |= {"link": self.link(violation.link), "task": self._name(violation.link.predecessor)}
                words["why"] = self._fixed_by(violation)
                return _("%(length)s too early for %(link)s from %(task)s, because %(why)s.") % words
        if violation.source is None:
            return _("Too late by %(length)s for the finish set for the project (%(day)s).") % words
        words["task"] = self._name(violation.source)
        if violation.constraint is None:
            return _("Too late by %(length)s for the deadline of %(task)s (%(day)s).") % words
        words["what"] = constraint_words(violation.constraint, self._day(violation.date))
        return _("Too late by %(length)s for “%(what)s” of %(task)s.") % words

    def _fixed_by(self, violation: Violation) -> str:
        match violation.because:
            case DrivenBy.CONSTRAINT:
                assert violation.constraint is not None
                when = self.explainer.tasks[violation.task].constraint_date
                return _("it must %(what)s") % {"what": constraint_words(violation.constraint, self._day(when))}
            case DrivenBy.MANUAL:
                return _("its dates were set by hand")
            case DrivenBy.ACTUAL:
                return _("it has already started")
        return _("its dates are fixed")

    # Parts of sentences

    def link(self, link: LinkIn) -> str:
        """'FS+2d', as it is typed."""
        if not link.lag:
            return str(link.type)
        sign, size = ("−", -link.lag) if link.lag < 0 else ("+", link.lag)
        if link.lag_unit in (LagUnit.PERCENT, LagUnit.ELAPSED_PERCENT):
            unit = "%" if link.lag_unit == LagUnit.PERCENT else "e%"
            return f"{link.type}{sign}{size:g}{unit}"
        elapsed = link.lag_unit == LagUnit.ELAPSED
        return f"{link.type}{sign}{format_duration(size, elapsed=elapsed, units=self.units)}"

    def _sentence(self, text: str, reason: Reason | None, *, only_days_off: bool = False) -> str:
        wait: Wait | None = None if reason is None else reason.wait
        if reason is None or wait is None:
            return f"{text}."
        if wait.days_off:
            return f"{text}; {_('not worked: %(days)s') % {'days': self._days(wait.days_off, reason.task)}}."
        if wait.skips_a_day and not only_days_off:
            return f"{text}; {_('the days in between are not worked')}."
        return f"{text}."

    def _days(self, days: tuple[datetime.date, ...], task) -> str:
        """'24 Dec – 26 Dec, 1 Jan – 9 Jan (Ann Lee absent)': runs of days from their first to their last.

        A weekend in between does not end the absence of the same people.
        """
        runs: list[tuple[list[str], list[datetime.date]]] = []
        for day in days:
            who = self.absent(task, day)
            apart = (day - runs[-1][1][-1]).days if runs else 0
            if runs and runs[-1][0] == who and (apart == 1 or (who and apart <= WEEKEND)):
                runs[-1][1].append(day)
            else:
                runs.append((who, [day]))
        texts = []
        for who, run in runs:
            text = fmt.day(run[0]) if len(run) == 1 else f"{fmt.day(run[0])} – {fmt.day(run[-1])}"
            if who:
                text = _("%(days)s (%(who)s absent)") % {"days": text, "who": ", ".join(who)}
            texts.append(text)
        more = len(texts) - LISTED_DAYS
        if more > 0:
            texts = [*texts[:LISTED_DAYS], ngettext("%(n)d more", "%(n)d more", more) % {"n": more}]
        return ", ".join(texts)

    def _name(self, task) -> str:
        given: TaskIn = self.explainer.tasks[task]
        return given.name or str(given.id)

    def _calendar(self, task) -> WorkCalendar:
        return calendar_of(self.explainer.tasks[task], self.explainer.network.calendars, self.explainer.calendar)

    def _at(self, reason: Reason) -> str:
        out = self.explainer.result.tasks[reason.task]
        is_start = reason.is_start and out.start < out.finish  # a milestone stands where work has just ended
        return self._moment(reason.at, self._calendar(reason.task), is_start=is_start)

    def _moment(self, at: datetime.datetime, calendar: WorkCalendar, *, is_start: bool) -> str:
        """The day, with the time where it is not simply the beginning (or end) of that day's work."""
        hours = calendar.hours_on(at.date())
        usual = (hours[0][0] if is_start else hours[-1][1]) if hours else -1
        if usual == at.hour * 60 + at.minute and not at.second:
            return fmt.day(at.date())
        return f"{fmt.day(at.date())}, {at:%H:%M}"

    def _day(self, when: datetime.datetime | None) -> str:
        return fmt.day(when.date()) if when is not None else fmt.DASH

    def _length(self, reason: Reason) -> str:
        return self._minutes(reason.minutes or 0, reason.task)

    def _minutes(self, minutes: float, task) -> str:
        """Minutes of the task's calendar in the project's units: '2d 4h'; elapsed ones say so."""
        if self.explainer.tasks[task].elapsed:
            return _("%(length)s (elapsed)") % {"length": fmt.minutes(minutes, per_day=1440)}
        return fmt.minutes(minutes, per_day=self.units.minutes_per_day)


def constraint_words(constraint: Constraint, day: str) -> str:
    """'start no earlier than 4 May', to go on a sentence with."""
    texts: dict[Constraint, Callable[[], str]] = {
        Constraint.ASAP: lambda: _("start as soon as possible"),
        Constraint.ALAP: lambda: _("start as late as possible"),
        Constraint.MSO: lambda: _("start on %(day)s"),
        Constraint.MFO: lambda: _("finish on %(day)s"),
        Constraint.SNET: lambda: _("start no earlier than %(day)s"),
        Constraint.SNLT: lambda: _("start no later than %(day)s"),
        Constraint.FNET: lambda: _("finish no earlier than %(day)s"),
        Constraint.FNLT: lambda: _("finish no later than %(day)s"),
    }
    return texts[constraint]() % {"day": day} if constraint > Constraint.ALAP else texts[constraint]()
