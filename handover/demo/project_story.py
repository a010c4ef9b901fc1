"""How a project of the demo goes: from the charter to the handover, event by event.

Two plans are drawn for each: what was planned, and (with every task stretched) what truly happens. Progress, bookings
and the state of requirements follow the second; the baseline keeps the first.
"""

import datetime
from decimal import Decimal

from handover.demo import benefits, catalogue, earning, ending, gates
from handover.demo import money as purse
from handover.demo.around import AroundStory
from handover.demo.catalogue import CRITERIA, PROJECT_ISSUES, RISKS, WBS, ProjectSpec
from handover.demo.changes import ChangesStory
from handover.demo.control import ControlStory
from handover.demo.handing_over import HandoverStory
from handover.demo.lessons import LessonStory, hear
from handover.demo.people import Company
from handover.demo.scope import ScopeStory, protocol, prove
from handover.demo.team import shared_out
from handover.demo.timeline import DAY, HOUR, WEEK, Timeline
from handover.demo.views import ViewsStory
from handover.demo.words import status_text
from handover.transfer import actions as handovers
from pmdm.accounts.roles import Role
from pmdm.registers.models import Counter
from projects.budget import verbs as money
from projects.models import Link, Project, ProjectType, Task
from projects.schedule.baselines import take_baseline
from projects.schedule.localtime import to_instant
from projects.schedule.plan import UID_PREFIX, Plan, reschedule
from projects.scope.baseline import freeze

SHARES = [("Labour", "labour", 0.66), ("Partner services", "services", 0.14), ("Licences", "licences", 0.08),
          ("Hardware and hosting", "material", 0.07), ("Travel and workshops", "travel", 0.05)]  # fmt: skip


# What belongs together across clients.
PROGRAMMES = {
    "NCP": "Insurance online", "BRK": "Insurance online", "DOC": "Insurance online", "CID": "Insurance online",
    "ASI": "Stores of tomorrow", "LOY": "Stores of tomorrow", "KIO": "Stores of tomorrow", "WRC": "Stores of tomorrow",
    "LPP": "Digital city", "OPY": "Digital city", "GFD": "Digital city",
}  # fmt: skip


class ProjectStory:
    def __init__(self, spec: ProjectSpec, company: Company, line: Timeline):
        self.spec, self.company, self.line = spec, company, line
        self.start = line.morning(line.now + spec.start * DAY)
        self.manager, self.sponsor = company[spec.manager], company[spec.sponsor]
        self.delivery = company[spec.delivery] if spec.delivery else None
        self.team = [company[key] for key in spec.team]
        self.customers = company.clients_people(spec.client) if spec.client else []
        self.project: Project = None  # type: ignore[assignment]
        # Who accepts deliverables: the client, the sponsor where there is none.
        self.accepter = self.customers[0] if self.customers else self.sponsor
        self.truth: dict[str, tuple[datetime.datetime, datetime.datetime]] = {}
        self.tasks: dict[str, int] = {}  # name -> id, without summaries
        self.reported = 0
        self.around = AroundStory(self)
        self.handing_over = HandoverStory(self)
        line.at(self.start, self.manager, self.initiate)

    # --- Initiation ---

    def initiate(self, *, by, at):
        spec = self.spec
        self.project = Project.initiate(
            by=by,
            sponsor=self.sponsor,
            at=at,
            code=spec.code,
            name=spec.name,
            goal=spec.goal,
            client=self.company.clients.get(spec.client),
            approved_budget=Decimal(spec.budget),
            target_start=at.date(),
            target_finish=(at + spec.days * DAY).date(),
            schedule_start=at.replace(hour=7, minute=0, second=0, microsecond=0),
            calendar=self.company.office,
            department=self.manager.department,
            programme=PROGRAMMES.get(spec.code, ""),
            # The one that is only thought about would be paid for abroad.
            currency="CHF" if spec.ends == "initiation" else "EUR",
            template=self._template(),
        )
        for statement, measure, unit, before, target, _actual in spec.objectives:
            self.project.objectives.create(
                statement=statement,
                measure=measure,
                unit=unit,
                baseline_value=before,
                target_value=target,
                higher_is_better=target > before,
            )
        self.line.at(at + 2 * DAY, by, self.gather)
        self.line.at(at + 4 * DAY, by, self.hear)
        self.line.at(at + 6 * DAY, by, self.plan)

    def _template(self):
        """The newest begins from the template of its type: with its phases, gates, roles, risks and plan."""
        if self.spec.ends != "initiation":
            return None
        return ProjectType.objects.offered().get(slug="software").versions.filter(state="published").latest("number")

    def hear(self, *, by, at):
        hear(self.project, by=by, at=at)

    def gather(self, *, by, at):
        """Team, first requirements and risks."""
        join = self.project.memberships.create
        for person in self.team:
            join(user=person, role=Role.MEMBER, since=at)
        for person in self.customers:
            join(user=person, role=Role.CLIENT, since=at)
        for key in ("greta", "omar"):
            join(user=self.company[key], role=Role.STAKEHOLDER, since=at)
        for title in self.spec.requirements:
            requirement = self.project.requirements.create(
                title=title,
                text=f"{title}: as agreed in the workshops with the client.",
                priority=self.line.dice.choices(["must", "should", "could"], [6, 3, 1])[0],
                source=self.customers[0].name if self.customers else self.sponsor.name,
                owner=self.line.dice.choice(self.team),
                created_at=at,
            )
            for text in self.line.dice.sample(CRITERIA, self.line.dice.randint(1, 3)):
                requirement.add_criterion(text)
        for risk in self.line.dice.sample(RISKS, min(len(RISKS), 4 + self.line.dice.randint(0, 3))):
            title, text, category, probability, impact, response, plan, cost = risk
            self.project.risks.create(
                title=title,
                description=text,
                category=category,
                probability=probability,
                impact=impact,
                inherent_probability=min(5, probability + 1),
                inherent_impact=impact,
                response=response,
                response_plan=plan,
                owner=self.line.dice.choice([self.manager, *self.team]),
                exposure=Decimal(cost),
                review_on=(at + 60 * DAY).date(),
                raised_at=at,
            )

    # --- Planning ---

    def plan(self, *, by, at):
        """The work breakdown, and behind it how it will truly go."""
        if self.project.template_id:
            return  # it came with one, and goes no further yet
        tasks = self._draw_tasks()
        reschedule(self.project)
        self._draw_truth(tasks)
        self.tasks = {task.name: task.pk for task in tasks if task.parent_id}
        for name, category, share in SHARES:
            money.plan_line(
                self.project, by=by, name=name, category=category,
                planned=(self.spec.budget * purse.LINES * Decimal(str(share))).quantize(Decimal("1")),
            )  # fmt: skip
        finish = {name: dates[1] for name, dates in self.truth.items()}
        self.line.at(finish["Kick-off"] + 2 * HOUR, self.sponsor, self.pass_gate, "initiation")
        planned = finish["Baseline approved"]
        if self.delivery:
            self.line.at(finish["Kick-off"] + 3 * DAY, by, self.name_delivery_manager)
            self.line.at(finish["Kick-off"] + 5 * DAY, self.delivery, self.handing_over.sit_in)
        self.line.at(finish["Requirements workshops"], by, self.review_requirements)
        self.line.at(planned - 2 * DAY, self.sponsor, self.approve_requirements)
        self.line.at(planned - DAY, by, self.set_baselines)
        self.line.at(planned - 20 * HOUR, self.sponsor, self.set_reserves)
        self.line.at(planned + 12 * DAY, by, self.ask_for_money)
        self.line.at(planned + 13 * DAY, self.sponsor, self.decide_on_money)
        self.line.at(planned + 3 * HOUR, self.sponsor, self.pass_gate, "planning")
        for number in range(200):
            when = self.line.morning(self.start + 8 * DAY + number * WEEK)
            if when > self.last + 2 * WEEK:
                break
            self.line.at(when, by, self.week)
        self._issues_and_risks(planned)
        ControlStory(self, planned)
        ViewsStory(self, planned)
        ScopeStory(self, planned)
        ChangesStory(self, planned)
        LessonStory(self, planned)
        if self.spec.ends == "paused":
            self.line.at(self.line.now - 35 * DAY, self.sponsor, self.pause)
        elif self.spec.ends == "cancelled":
            self.line.at(self.line.now - 90 * DAY, self.sponsor, self.cancel)
        else:
            self._schedule_the_end()

    def _draw_tasks(self) -> list[Task]:
        """Rows in outline order; durations scaled so that the longest path fills the planned days."""
        longest: dict[str, int] = {}
        for _summary, rows in WBS:
            for name, days, before in rows:
                longest[name] = days + max((longest[other] for other in before), default=0)
        scale = self.spec.days * 5 / 7 * 0.96 / max(longest.values())
        number, parents, leaves, by_name = 0, [], [], {}
        for summary, rows in WBS:
            number += 1
            parent = Task(project=self.project, uid=number, number=number, name=summary)
            parents.append(parent)
            for name, days, _before in rows:
                number += 1
                task = Task(
                    project=self.project,
                    uid=number,
                    number=number,
                    name=name,
                    is_milestone=days == 0,
                    duration=480 * max(1, round(days * scale)) if days else 0,
                )
                by_name[name] = task
                leaves.append((parent, task))
        # So that whoever adds a task later gets the next number.
        Counter.take(f"project:{self.project.pk}", UID_PREFIX, number)
        Task.objects.bulk_create(parents)
        for parent, task in leaves:
            task.parent = parent
        Task.objects.bulk_create(task for _parent, task in leaves)
        Link.objects.bulk_create(
            Link(project=self.project, predecessor=by_name[other], successor=by_name[name])
            for _summary, rows in WBS
            for name, _days, before in rows
            for other in before
        )
        return [*parents, *by_name.values()]

    def _draw_truth(self, tasks: list[Task]) -> None:
        """The same network with stretched durations, computed by the engine and kept in memory only."""
        plan = Plan(self.project)
        planned_pace = {"Initiation", "Planning"}
        summaries = {task.pk: task.name for task in tasks if task.parent_id is None}
        for task in tasks:
            if task.parent_id is None or not task.duration:
                continue
            pace = 1.0 if summaries[task.parent_id] in planned_pace else self.spec.pace
            stretch = pace * self.line.dice.uniform(0.93, 1.07)
            plan.row(task.pk).duration = max(240, round(task.duration * stretch / 60) * 60)
        result = plan.compute()
        for task in tasks:
            dates = result.tasks[task.pk]
            self.truth[task.name] = (self._instant(dates.start), self._instant(dates.finish))

    def _instant(self, wall: datetime.datetime) -> datetime.datetime:
        instant = to_instant(wall, self.project)
        assert instant is not None
        return instant

    @property
    def last(self) -> datetime.datetime:
        return max(finish for _start, finish in self.truth.values())

    def name_delivery_manager(self, *, by, at):
        self.project.memberships.create(user=self.delivery, role=Role.DELIVERY_MANAGER, since=at)
        self.project.__dict__.pop("key_people", None)

    def review_requirements(self, *, by, at):
        for requirement in self.project.requirements.filter(state="draft"):
            requirement.move_on("reviewed")

    def approve_requirements(self, *, by, at):
        for requirement in self.project.requirements.filter(state="reviewed"):
            requirement.approve(by=by, at=at)

    def set_baselines(self, *, by, at):
        freeze(self.project, by=by, at=at)
        take_baseline(self.project, by=by, at=at)
        purse.place_lines(self.project, by=by)
        purse.place_orders(self.project, by=by, at=at)
        earning.set_rules(self.project, by=by)

    def set_reserves(self, *, by, at):
        purse.set_apart(self.project, by=by)

    def ask_for_money(self, *, by, at):
        if self.project.state == "active":
            purse.ask_for_money(self.project, by=by, at=at)

    def decide_on_money(self, *, by, at):
        if self.project.state == "active":
            purse.decide_on_money(self.project, by=by, at=at)

    def pass_gate(self, kind, *, by, at):
        if self.project.state != "active":
            return
        gates.pass_gate(self, kind, by=by, at=at)

    # --- Execution ---

    def week(self, *, by, at):
        """Progress, bookings, requirements and now and then a word on how it goes."""
        if self.project.state != "active":
            return
        self._progress(at)
        earning.follow(self.project, by=by, at=at)
        self._book(at)
        self._advance_requirements(at)
        self.reported += 1
        if self.reported % 4 == 0 and at < self.last:
            self._forecast(at)
        if self.reported % 2 == 0:
            self._review_risks(at)
            self._report(at)

    def _review_risks(self, at) -> None:
        """Those whose day has come are looked at, and again two months on."""
        for risk in self.project.risks.open().filter(review_on__lte=at.date()):
            risk.review_on = (at + 60 * DAY).date()
            risk.save_changes(["review_on"])

    def _progress(self, at) -> None:
        tasks = list(self.project.tasks.filter(is_summary=False, percent__lt=100))
        changed = []
        for task in tasks:
            if task.name not in self.truth:  # added since, and told elsewhere
                continue
            start, finish = self.truth[task.name]
            if start > at:
                continue
            if finish <= at:
                task.percent, task.actual_start, task.actual_finish = 100, start, finish
            elif finish > start:
                task.actual_start = start
                task.percent = min(95, max(5, round(100 * (at - start) / (finish - start) / 5) * 5))
            changed.append(task)
        if changed:
            Task.objects.bulk_update(changed, ["percent", "actual_start", "actual_finish"])
            self.project.status_date = at
            self.project.save(update_fields=["status_date"])
            reschedule(self.project)

    def _book(self, at) -> None:
        """A week's hours of the team and, now and then, an invoice; scaled so that the total follows the thrift."""
        lines = {line.category: line for line in self.project.budget_lines.all()}
        if not lines:
            return
        labour = Decimal(self.spec.budget * self.spec.thrift * SHARES[0][2] * self._part_of_work(at - WEEK, at))
        rates = {rate.user_id: rate.hourly for rate in self._rates(at)}
        cost_of_hour = sum(rates.values()) or Decimal(1)
        hours = min(Decimal(9 * 5), labour / cost_of_hour)
        entries = []
        for back in range(7):
            day = (at - (back + 1) * DAY).date()
            if day.weekday() > 4:
                continue
            work = self._work_of(day)
            for person in self.team:
                if person.pk not in rates:
                    continue
                minutes = int(hours / 5 * 60 * Decimal(str(self.line.dice.uniform(0.85, 1.15))))
                if minutes > 0:
                    entries.append((person, work.get(person), day, min(minutes, 720)))
        self._book_hours(entries, rates, lines["labour"], at)
        begun = self.truth["Baseline approved"][1]
        if begun > at:
            return  # nothing is bought before
        for name, category, share in SHARES[1:]:
            if self.line.dice.random() < 0.25:
                amount = (
                    self._per_week(begun) * 4 * Decimal(str(share)) * Decimal(str(self.line.dice.uniform(0.8, 1.2)))
                )
                amount = amount.quantize(Decimal("0.01"))
                purse.invoice(
                    self.project, by=self.manager, line=lines[category], amount=amount, at=at,
                    description=f"{name}, invoice of {at:%B}",
                )  # fmt: skip
        if self.reported % 3 == 1 and at < self.last - WEEK:  # the last of it comes with the last invoice
            purse.record_what_came(self.project, by=self.manager, at=at)

    def _part_of_work(self, since: datetime.datetime, until: datetime.datetime) -> float:
        """The part of all the work that falls between: weeks in which much goes on side by side cost more hours."""
        spans = [self.truth[name] for name in self.tasks]
        between = sum((max(min(finish, until) - max(start, since), 0 * DAY) for start, finish in spans), 0 * DAY)
        return between / sum((finish - start for start, finish in spans), 0 * DAY)

    def _per_week(self, begun: datetime.datetime) -> Decimal:
        """What all of it costs in the end, spread over the weeks from then on."""
        return Decimal(self.spec.budget * self.spec.thrift / max(1.0, (self.last - begun) / WEEK))

    def _work_of(self, day: datetime.date) -> dict:
        """The task on which each of the team works on a day; who is not named finds none under way."""
        running = [
            name
            for name, (start, finish) in self.truth.items()
            if name in self.tasks and start.date() <= day <= finish.date() and start < finish
        ]
        chosen = shared_out(self.spec.team, running, turn=day.isocalendar().week)
        return {self.company[key]: self.tasks[name] for key, name in chosen.items()}

    def _forecast(self, at) -> None:
        """What is still to come on each line: the manager sees that it goes as it went, not as it was planned."""
        spent = purse.spent(self.project, at.date())
        for line in self.project.budget_lines.all():
            expected = line.planned / purse.LINES * Decimal(str(self.spec.thrift))
            money.change_line(
                line,
                by=self.manager,
                remaining=max(Decimal(0), expected - spent.get(line.pk, 0)).quantize(Decimal("1")),
            )

    def _rates(self, at):
        from projects.models import Rate

        rows = Rate.objects.filter(user__in=self.team, valid_from__lte=at.date()).order_by("user_id", "-valid_from")
        return rows.distinct("user_id")

    def _book_hours(self, entries, rates, line, at) -> None:
        from projects.budget.engine import time_cost
        from projects.models import TimeEntry

        TimeEntry.objects.bulk_create(
            TimeEntry(
                project=self.project, task_id=task, line=line, user=person, day=day, minutes=minutes,
                cost=time_cost(minutes, rates[person.pk]), booked_at=at,
            )
            for person, task, day, minutes in entries
        )  # fmt: skip

    def _advance_requirements(self, at) -> None:
        """Built while the build goes on; verified from the middle of it until the tests are over."""
        promised = list(
            self.project.requirements.exclude(state__in=("draft", "rejected", "reviewed")).order_by("number")
        )
        built = _share(at, self.truth["Environments and pipelines"][0], self.truth["Build complete"][1])
        begin = self.truth["Environments and pipelines"][0]
        middle = begin + (self.truth["Build complete"][1] - begin) * 0.4
        verified = _share(at, middle, self.truth["Corrections"][1])
        gap = 1 if self.spec.ends in ("handed_over", "submitted") and self.spec.pace > 1.03 else 0
        broken = set(
            self.project.trace_links.filter(issue__state__in=("open", "in_progress")).values_list(
                "requirement", flat=True
            )
        )
        ready = []
        for number, requirement in enumerate(promised, 1):
            requirement.project = self.project
            if requirement.state == "approved" and number <= built * len(promised):
                requirement.move_on("built")
            whole = requirement.state == "built" and requirement.pk not in broken
            if whole and number <= verified * len(promised) - gap:
                ready.append((number, requirement))
        prove(self.project, [requirement for _number, requirement in ready], by=self.team[0], at=at)
        checker = self.customers[0] if self.customers else self.manager
        for number, requirement in ready:
            for line in requirement.criteria.all():
                line.requirement = requirement
                name = f"{self.spec.code}-{number:02}"
                if line.position == 1:
                    line.record("pass", by=checker, file=protocol(name, line, checker, at), at=at)
                else:
                    line.record("pass", by=checker, evidence=f"Test protocol {name}", at=at)
            requirement.verify(by=self.manager, at=at)

    def _report(self, at) -> None:
        late = (self.project.computed_finish.date() - self.project.target_finish).days
        overspent = self.spec.thrift
        light, text = status_text(self.line.dice, late=late, overspent=overspent, at=at, last=self.last)
        self.project.status_updates.create(text=text, overall=light, by=self.manager, at=at)

    def _issues_and_risks(self, planned) -> None:
        span = self.last - planned
        for title, severity, area in self.line.dice.sample(PROJECT_ISSUES, 3):
            raised = planned + span * self.line.dice.uniform(0.1, 0.9)
            self.line.at(raised, self.line.dice.choice(self.team), self.raise_issue, title, severity, area)
        self.line.at(planned + span * 0.4, self.manager, self.risk_occurs)
        self.line.at(planned + span * 0.55, self.manager, self.review_risks)
        self.line.at(planned + span * 0.3, self.manager, self.creep)

    def raise_issue(self, title, severity, area, *, by, at):
        if self.project.state != "active":
            return
        issue = self.project.issues.create(
            title=title, severity=severity, area=area, raised_by=by, raised_at=at, owner=self.manager,
            due=(at + 14 * DAY).date(),
        )  # fmt: skip
        if self.line.dice.random() < 0.8:
            self.line.at(at + self.line.dice.uniform(3, 25) * DAY, self.manager, self.close_issue, issue)

    def close_issue(self, issue, *, by, at):
        if self.project.state == "active":
            issue.refresh_from_db()
            if issue.is_open:
                issue.close(by=by, resolution="Solved with the people concerned; the plan was adjusted.", at=at)

    def risk_occurs(self, *, by, at):
        risk = self.project.risks.filter(state="open").order_by("number").last()
        if risk and self.project.state == "active" and self.line.dice.random() < 0.6:
            issue = risk.occur(by=by, at=at)
            self.line.at(at + 12 * DAY, by, self.close_issue, issue)

    def review_risks(self, *, by, at):
        if self.project.state != "active":
            return
        for risk in self.project.risks.filter(state="open"):
            if self.line.dice.random() < 0.35:
                risk.close(by=by, reason="The date has passed; it can no longer happen.", at=at)
            elif risk.probability and risk.probability > 1:
                risk.probability -= 1
                risk.save_changes(["probability"])

    def creep(self, *, by, at):
        """Something is asked for after the baseline."""
        if self.project.state != "active" or self.line.dice.random() < 0.4:
            return
        requirement = self.project.requirements.create(
            title="Evaluation for the management", text="Asked for in the steering meeting.", priority="could",
            source=self.sponsor.name, created_at=at,
        )  # fmt: skip
        requirement.add_criterion(CRITERIA[0])
        requirement.move_on("reviewed")
        requirement.approve(by=self.sponsor, at=at)

    # --- The end ---

    def pause(self, *, by, at):
        self.project.pause(
            by=by, reason="The supplier of the hardware is being sold; we wait for the new owner.", at=at
        )

    def cancel(self, *, by, at):
        purse.expect_no_more(self.project, by=self.manager, at=at)
        ending.cancel(self, by=by, at=at)
        self.line.at(at + 2 * DAY, self.sponsor, self.accept_parts)
        self.line.at(at + 9 * DAY, self.manager, self.give_away)

    def accept_parts(self, *, by, at):
        ending.accept_parts(self, by=by, at=at)

    def give_away(self, *, by, at):
        ending.give_away(self, by=by, at=at)

    def _schedule_the_end(self) -> None:
        self.line.at(self.truth["Acceptance"][1] + 2 * DAY, self.sponsor, self.pass_gate, "execution")
        if self.spec.ends not in ("handed_over", "submitted"):
            return
        done = self.last + DAY
        self.line.at(done + 2 * DAY, self.manager, self.settle)
        # While the pilot runs: what is handed over, how it goes live and who learns it has to be agreed before.
        self.line.at(self.truth["Pilot"][0] + HOUR, self.manager, self.prepare_handover)
        self.line.at(done + 7 * DAY, self.sponsor, self.pass_gate, "closing")
        self.line.at(done + 8 * DAY, self.manager, self.close)
        self.line.at(done + 9 * DAY, self.manager, self.submit)
        if self.spec.ends == "handed_over":
            if self.spec.pace > 1.09:
                self.line.at(done + 11 * DAY, self.delivery, self.give_back)
                self.line.at(done + 14 * DAY, self.manager, self.submit)
            self.line.at(done + 16 * DAY, self.delivery, self.accept)

    def settle(self, *, by, at):
        """Objectives are measured; nothing more is to come on the budget."""
        purse.expect_no_more(self.project, by=by, at=at)
        for objective, (_s, _m, _u, _b, _t, actual) in zip(
            self.project.objectives.order_by("number"), self.spec.objectives, strict=True
        ):
            objective.actual_value, objective.measured_on = actual, at.date()
            objective.save(update_fields=["actual_value", "measured_on"])

    def prepare_handover(self, *, by, at):
        if not self.project.handovers.open().exists():
            handovers.start(self.project, by=by, at=at)
        self.around.prepared(by=by, at=at)

    def close(self, *, by, at):
        ending.submit_report(self, by=by, at=at)
        self.line.at(at + 5 * HOUR, self.sponsor, self.authorise)

    def authorise(self, *, by, at):
        ending.authorise(self, by=by, at=at)

    def watch_benefits(self):
        """Reviews of each objective after go-live, done by who answers for it."""
        benefits.schedule(self)

    def submit(self, *, by, at):
        record = self._record()
        self.handing_over.prepare(record, by=by, at=at)
        record = self._record()
        record.go_live = self.truth["Go-live"][1].date()
        record.target_date = (at + 10 * DAY).date()
        record.save_changes(["go_live", "target_date"])
        handovers.submit(record, by=by, at=at)
        self.around.submitted(at=at)

    def give_back(self, *, by, at):
        self.handing_over.give_back(self._record(), by=by, at=at)

    def accept(self, *, by, at):
        from handover.demo.product_story import ProductStory

        product = self.handing_over.accept(self._record(), by=by, at=at)
        spec = catalogue.PRODUCTS[self.spec.product]
        product.name = spec.name
        product.calendar = self.company.service
        product.save(update_fields=["name", "calendar"])
        ProductStory(spec, self.company, self.line, product, since=at)
        self.watch_benefits()

    def _record(self):
        record = self.project.handovers.order_by("-number").first()
        record.project = self.project
        return record


def _share(now, start, finish) -> float:
    """How much of the time from start to finish has gone, 0..1."""
    if finish <= start:
        return float(now >= finish)
    return min(1.0, max(0.0, (now - start) / (finish - start)))
