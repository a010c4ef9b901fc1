"""Puts the demo together: people, projects, products, and every event between two years ago and now."""

import datetime
from collections.abc import Container
from contextlib import contextmanager

from django.db import connection, transaction

from handover.demo import catalogue, control
from handover.demo.changes import compute_open
from handover.demo.comms import hear_from_outside
from handover.demo.currencies import state_rates
from handover.demo.money import mails_are_read
from handover.demo.people import found_company
from handover.demo.product_story import ProductStory
from handover.demo.project_story import ProjectStory
from handover.demo.releases import freeze_the_turn_of_the_year
from handover.demo.requests import ask_for_projects
from handover.demo.service_record import tell_what_is_due
from handover.demo.team import fill_timesheets, found_team, staff_projects
from handover.demo.timeline import Timeline, acting
from handover.items.finding import keep_up
from pmdm.kpis import recompute
from projects.types import shipped

SEED = 20


def build(
    *, now: datetime.datetime, seed: int = SEED, only: Container[str] | None = None, say=lambda text: None
) -> int:
    """Make the demo company as of ``now``; the number of events. All or nothing.

    ``only``: codes of the projects and older products to make, for tests; None makes all.
    """
    with transaction.atomic(), _without_savepoints():
        with acting(None, now - datetime.timedelta(days=760)):
            company = found_company(now)
            found_team(company, now)
            shipped.install(by=None, at=now - datetime.timedelta(days=760))
            state_rates(company, now)
        line = Timeline(now, seed=seed)
        for project in catalogue.PROJECTS:
            if only is not None and project.code not in only:
                continue
            ProjectStory(project, company, line)
        delivered = {project.product for project in catalogue.PROJECTS}
        for code, product in catalogue.PRODUCTS.items():
            if code not in delivered and (only is None or code in only):
                ProductStory(product, company, line)
        line.run(every_week=_sunday, say=say)
        with acting(None, now):
            keep_up(now)
        staff_projects(company, now)
        fill_timesheets(company, now)
        ask_for_projects(company, now)
        tell_what_is_due(now)
        freeze_the_turn_of_the_year(company, now)
        hear_from_outside(now)
        mails_are_read(now)
        compute_open(now)
        recompute.recompute_all(as_of=now)
    return line.done


@contextmanager
def _without_savepoints():
    """All or nothing needs none; with them, two of three statements of the demo would be about savepoints."""
    features = connection.features
    kept, features.uses_savepoints = features.uses_savepoints, False
    try:
        yield
    finally:
        features.uses_savepoints = kept


def _sunday(day: datetime.date) -> None:
    """What the nights of a week do by themselves."""
    when = datetime.datetime.combine(day, datetime.time(23, 55), datetime.UTC)
    with acting(None, when):
        keep_up(when)
    recompute.snapshot(day, as_of=when)
    control.keep(when)
