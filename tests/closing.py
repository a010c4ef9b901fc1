"""The whole way to a closed project in one call, for tests of what comes after it."""

from contextlib import contextmanager

from projects.closing.authorising import open_report
from projects.closing.matters import ACCEPT
from tests import factories


def decide_all(report, *, by, decision="", reason="Agreed with the sponsor.", at=None):
    """One decision for everything that is open: the given one where the kind takes it, else its first."""
    for matter in report.matters():
        allowed = matter.kind.decisions
        if allowed:
            chosen = decision if decision in allowed else ACCEPT if ACCEPT in allowed else allowed[0]
            report.decide(
                matter.kind.code, [item.key for item in matter.undecided], chosen, by=by, reason=reason, at=at
            )


def submit_report(project, *, by, decision="", at=None):
    """A report with everything decided, submitted."""
    report = open_report(project, by=by, at=at)
    report.reached = report.reached or "All that was promised."
    report.save_changes(["reached"])
    decide_all(report, by=by, decision=decision, at=at)
    report.submit(by=by, at=at)
    return report


def close_project(project, *, by=None, sponsor=None, decision="", at=None):
    """Close it the whole way: report, decisions, submission, authorisation by somebody else."""
    by = by or project.manager
    if sponsor is None:
        sponsor = project.sponsor or factories.make_user("Ada Admin", site_role="admin")
    report = submit_report(project, by=by, decision=decision, at=at)
    report.authorise(by=sponsor, at=at)
    return report


@contextmanager
def while_open(project):
    """What was done before it was closed, told afterwards."""
    rows = type(project).objects.filter(pk=project.pk)
    was = rows.values_list("state", flat=True).get()
    rows.update(state="active")
    yield
    rows.update(state=was)
