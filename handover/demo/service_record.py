"""The record of each product of the demo: where which version runs, parts, contracts, turns on call, the way out."""

import datetime
import random
from decimal import Decimal

from django.utils import timezone

from delivery.models import Agreement, Component, Decommission, DueAlert, OnCallTurn, Release
from delivery.reminders import sweep
from handover.demo.knowledge import KnowledgeStory
from handover.demo.timeline import DAY, WEEK
from pmdm.jobs.models import Outbox

# Name, kind, what it needs (a star: works with less without it).
PARTS = (
    ("Database", "database", "Where everything is kept; copied every night.", ()),
    ("Search index", "database", "Made anew from the database within an hour.", ("Database",)),
    ("Mail gateway", "external", "Sends letters and text messages.", ()),
    ("Business service", "service", "The rules, behind the pages.", ("Database", "Search index*", "Mail gateway*")),
    ("Nightly job", "job", "Hands the day's cases on.", ("Business service", "Database")),
    ("Web pages", "application", "What people see.", ("Business service",)),
)
SHARED = ("Sign-in service", "service", "Signs people in for several products.")


class ServiceRecord:
    """``story`` is the product's; all goes through the verbs people use."""

    def __init__(self, story, at) -> None:
        self.story, self.product, self.line = story, story.product, story.line
        self.dice = random.Random(f"record of {story.spec.code}")
        manager = story.manager
        self.environments = self._environments()
        first = Release.objects.create(
            product=self.product,
            name="1.0.0",
            state="verified",
            released_on=at.date(),
            notes="The first version in service.",
        )
        for environment in self.environments:
            environment.deploy(first, by=manager, at=at)
        self.parts(by=manager)
        KnowledgeStory(story, at)
        self.contracts(by=manager, at=at)
        line = self.line
        line.at(max(at, line.now - 26 * WEEK), manager, self.rota)
        line.at(line.now - 9 * DAY, manager, self.swap)
        if story.spec.stage == "sunset":
            line.at(line.now - 60 * DAY, manager, self.leave)
            line.at(
                line.now - 41 * DAY,
                story.agents[0],
                self.step_done,
                "notice",
                "Letter to every client, with the date and what comes instead; copies in folder 4.",
            )
            line.at(line.now - 12 * DAY, manager, self.step_done, "data",
                    "Handed to the successor and counted on both sides; the rest is kept ten years on tape 88.")  # fmt: skip

    def _environments(self):
        rows = self.product.environments
        host = self.story.spec.code.lower()
        clients = list(self.product.clients.order_by("name"))
        found = [rows.create(name="Acceptance", kind="acceptance", address=f"https://acceptance.{host}.example")]
        for client in clients:
            name = "Production" if len(clients) == 1 else f"Production {client.name.split()[0]}"
            address = f"https://{host}.{client.name.split()[-1].lower()}.example"
            found.append(rows.create(name=name, address=address, organisation=client if len(clients) > 1 else None))
        return found

    def follow(self, release, *, by, at) -> None:
        """The other productions come later, one after the other: clients run different versions for a while."""
        for number, environment in enumerate(self.environments[2:], start=1):
            self.line.at(at + number * 6 * DAY, by, self.deploy, environment, release)

    def deploy(self, environment, release, *, by, at) -> None:
        release.refresh_from_db()
        environment.deploy(release, by=by, at=at)

    def parts(self, *, by) -> None:
        made: dict[str, Component] = {}
        for name, kind, description, _needs in PARTS:
            owner = self.dice.choice([self.story.agents[0], self.story.manager])
            made[name] = self.product.components.create(name=name, kind=kind, description=description, owner=owner)
        for name, _kind, _description, needs in PARTS:
            for other in needs:
                made[name].depend_on(made[other.rstrip("*")], by=by, is_hard=not other.endswith("*"))
        shared = Component.objects.filter(name=SHARED[0]).first()
        if shared is None:
            name, kind, description = SHARED
            shared = self.product.components.create(name=name, kind=kind, description=description, owner=by)
        made["Web pages"].depend_on(shared, by=by)

    def contracts(self, *, by, at) -> None:
        start = at.date()
        now = self.line.now.date()
        client = self.product.clients.order_by("name").first()
        hosted = now + datetime.timedelta(days=self.dice.randrange(70, 260))
        for values in (
            {"title": "Hosting and backup", "kind": "hosting", "party": "Nordhaven Hosting", "reference": "NH-20417",
             "contact": "Desk round the clock: +49 30 5550 110", "starts_on": start, "ends_on": hosted,
             "notice_on": hosted - datetime.timedelta(days=60), "value": Decimal(self.dice.randrange(9, 31) * 1000)},
            {"title": "Map and address service", "kind": "licence", "party": "Geotile", "reference": "Key GT-77",
             "contact": "licences@geotile.example", "starts_on": start, "ends_on": None, "notice_on": None,
             "value": Decimal(self.dice.randrange(2, 9) * 600)},
            {"title": "Warranty for two years", "kind": "warranty", "side": "client",
             "party": client.name if client else "All clients", "starts_on": start,
             "ends_on": start + datetime.timedelta(days=730), "value": None},
        ):  # fmt: skip
            currency = "EUR" if values["value"] is not None else ""
            Agreement.objects.create(product=self.product, owner=by, currency=currency, **values)

    def rota(self, *, by, at) -> None:
        """Weeks in turn, from half a year ago to six weeks ahead."""
        monday = timezone.localtime(at).replace(hour=9, minute=0, second=0, microsecond=0)
        monday -= datetime.timedelta(days=monday.weekday())
        weeks = (self.line.now - monday).days // 7 + 6
        people = self.story.agents if len(self.story.agents) > 1 else [*self.story.agents, self.story.manager]
        OnCallTurn.rotate(self.product, people, by=by, start=monday, days=7, count=max(1, weeks))

    def swap(self, *, by, at) -> None:
        later = list(self.product.on_call_turns.filter(starts_at__gt=at).select_related("person")[:2])
        if len(later) == 2 and later[0].person_id != later[1].person_id:
            later[0].swap_with(later[1], by=later[0].person, reason="A wedding in the family", at=at)

    def leave(self, *, by, at) -> None:
        self.product.refresh_from_db()
        Decommission.begin(
            self.product,
            by=by,
            reason="Its successor does all that it did; the last clients move over in spring.",
            planned_on=self.product.retire_on or (at + 260 * DAY).date(),
            owners={"notice": self.story.agents[0]},
            at=at,
        )

    def step_done(self, kind, evidence, *, by, at) -> None:
        process = self.product.decommissions.get(state="running")
        step = process.steps.get(kind=kind)
        step.product = self.product
        step.complete(by=by, evidence=evidence, at=at)


def tell_what_is_due(now: datetime.datetime) -> None:
    """Alerts of days to come were told at their moments; these mails went out in the past."""
    sweep.plan(now)
    waiting = DueAlert.objects.filter(fired_at=None, due_at__lte=now).order_by("due_at")
    for moment in waiting.values_list("due_at", flat=True).distinct():
        sweep.fire(moment + datetime.timedelta(seconds=5))
    Outbox.objects.filter(kind=sweep.KIND, done_at=None).update(done_at=now, created_at=now, due_at=now)
