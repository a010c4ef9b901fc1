"""A Monte Carlo simulation of a plan: asked for by a person, done by a worker, stored whole and never changed.

The engine varies what is left within its estimates and computes the network each time; here the plan is read, the
estimates are put beside its tasks and the result is written. One simulation of a project at a time.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from pmdm.jobs import work as long_work
from pmdm.jobs.models import Work
from pmdm.registers.editing import FIRST
from projects.lifecycle.models import Project

KIND = "plan.simulate"
FEWEST, USUAL, MOST = 100, 10_000, 50_000


def obstacle(project) -> str:
    """Why this plan can't be simulated now; '' when it can."""
    if not project.tasks.filter(is_summary=False, is_active=True).exists():
        return _("There is no plan to simulate yet.")
    if not project.tasks.filter(is_summary=False, is_active=True, percent__lt=100, duration__gt=0).exists():
        return _("Nothing is left that could vary: every task with a duration is done.")
    return ""


def running(project, user=None) -> Work | None:
    """The simulation of this project that waits or is being computed."""
    return Work.objects.filter(
        kind=KIND, payload__project=project.pk, state__in=[Work.State.WAITING, Work.State.RUNNING]
    ).first()


@transaction.atomic
def ask(project, *, by, runs: int, seed: int) -> Work:
    """Ask for one; ValidationError while another one of this project is not done yet."""
    Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    if why := obstacle(project):
        raise ValidationError(why, code="nothing to vary")
    if running(project):
        raise ValidationError(
            _("A simulation of this plan is being computed already; wait until it is done."), code=FIRST
        )
    payload = {"project": project.pk, "runs": runs, "seed": seed}
    return long_work.start(KIND, _("Simulation of %(project)s") % {"project": project.name[:150]}, payload, by=by)
