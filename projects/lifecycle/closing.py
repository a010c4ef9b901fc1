"""Closing: an authorised end report freezes the result and makes the project read-only (see ``projects.closing``)."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _


class Closing:
    """The part of Project that is closed."""

    State: Any
    pk: int
    phases: Any
    move: Any

    def open_matters(self) -> list:
        """Everything that closing would leave open, kind by kind; empty when nothing is."""
        from projects.closing.matters import open_matters

        return open_matters(self)

    @transaction.atomic
    def close_with(self, report, left_open: dict, *, by, at=None):
        """Close with an authorised report: figures are frozen, phases in progress end."""
        from pmdm.kpis import figures
        from projects.lifecycle.models import Closure

        at = at or timezone.now()
        if report.project_id != self.pk or report.state != report.State.AUTHORISED:
            raise ValueError(f"{report} does not authorise closing {self}.")
        change = self.move("close", self.State.CLOSED, by=by, reason=report.reached.strip() or _("Closed"), at=at)
        self.phases.filter(state="active").update(state="done", finished_at=at)
        self.closure = Closure.objects.create(
            project=self,
            closed_at=at,
            closed_by=by,
            report=report.reached.strip(),
            end_report=report,
            result=figures.result("project", self.pk, as_of=at),
            left_open=left_open,
        )
        return change
