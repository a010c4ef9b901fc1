"""How a session is made, a run recorded, a session closed."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission
from pmdm.files.models import File
from pmdm.registers.editing import FIRST
from projects.lifecycle.standing import while_open
from projects.scope.tracing.models import link, set_requirements


class CaseMoves:
    """The part of TestCase that is written."""

    @classmethod
    @while_open
    def write_down(cls, project, *, by, requirements=(), at=None, **values):
        """A case, traced to what it proves."""
        at = at or timezone.now()
        case = project.test_cases.create(created_at=at, **values)
        set_requirements("case", case, requirements, by=by, at=at)
        return case

    @while_open
    def save_changes(self, fields: list[str], *, version: int | None = None) -> None:
        super().save_changes(fields, version=version)  # type: ignore[misc]


class SessionMoves:
    """The part of TestSession that begins and ends it."""

    _base_manager: ClassVar[Any]
    runs: Any
    pk: int
    ref: str
    closed_at: Any
    closed_by: Any

    @classmethod
    @while_open
    def plan(cls, project, cases, *, at=None, **values):
        """A session with one run, not run yet, for each case."""
        cases = list(cases)
        if not cases:
            raise ValidationError({"cases": _("Choose at least one test case.")})
        session = cls(project=project, created_at=at or timezone.now(), **values)  # type: ignore[call-arg]
        session.save()  # type: ignore[attr-defined]
        runs: Any = session.runs.model
        runs.objects.bulk_create(runs(project=project, session=session, case=case) for case in cases)
        return session

    @while_open
    def close(self, *, by, at=None) -> None:
        """End it; results stay as they are. What was not run says so."""
        at = at or timezone.now()
        if not type(self)._base_manager.filter(pk=self.pk, closed_at=None).update(closed_at=at, closed_by=by):
            raise ValidationError(_("%(ref)s is closed already.") % {"ref": self.ref}, code=FIRST)
        self.closed_at, self.closed_by = at, by


class RunMoves:
    """The part of TestRun that takes a result."""

    Result: Any
    project: Any
    session: Any
    case: Any
    result: str
    note: str
    file: Any
    issue: Any
    by: Any
    at: Any
    save: Any

    @while_open
    def record(self, result: str, *, by, note="", file=None, issue=None, new_issue="", at=None) -> None:
        """Record a result. A fail names an open ``issue`` or opens one titled ``new_issue``.

        The issue is traced to every requirement the case covers.
        """
        note, new_issue, at = note.strip(), new_issue.strip(), at or timezone.now()
        # The session's lock: closing it and recording in it do not overlap.
        session = type(self.session)._base_manager.select_for_update().get(pk=self.session.pk)
        if session.closed_at:
            raise ValidationError(
                _("%(ref)s is closed: run the case in another session.") % {"ref": session.ref}, code="closed"
            )
        if result == self.Result.FAIL:
            if issue is None and not new_issue:
                raise ValidationError(
                    {"new_issue": _("A failed run needs an issue: choose one, or say what the new one is called.")}
                )
            if issue is None:
                issue = self.project.issues.model.raise_issue(
                    self.project,
                    by=by,
                    at=at,
                    title=new_issue,
                    area="quality",
                    description="\n\n".join(
                        part
                        for part in (
                            _("%(case)s failed in %(session)s.") % {"case": self.case, "session": session},
                            note,
                            self.case.expected and _("Expected: %(text)s") % {"text": self.case.expected},
                        )
                        if part
                    ),
                )
        else:
            issue = None
        ran = result != self.Result.NOT_RUN
        self.result, self.note, self.issue = result, note, issue
        self.by, self.at = (by, at) if ran else (None, None)
        if file:
            self.file = File.keep(self.project, file, by=by, permission=Permission.SCOPE_VIEW, at=at)
        self.save(update_fields=["result", "note", "issue", "file", "by", "at"])
        if issue:
            covered = [row.requirement for row in self.case.trace_links.select_related("requirement")]
            link("issue", covered, issue, by=by, at=at)
