"""Runbooks: numbered steps in versions, and runs that are logged step by step, never rewritten."""

from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.moves import NotNow
from pmdm.activity.triggers import append_only, audited
from pmdm.registers.models import StaleVersion, Versioned, Worded

USER = settings.AUTH_USER_MODEL
MOST_STEPS = 200


class Runbook(Versioned):
    """How something is done, step by step. Each change of the steps is a version of its own."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="runbooks")
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("when it is used"), blank=True)
    owner = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("who keeps it right"))

    class Meta:
        ordering = ["title", "pk"]
        verbose_name = _("runbook")
        verbose_name_plural = _("runbooks")
        constraints = [models.UniqueConstraint(fields=["product", "title"], name="runbook_title_unique")]
        triggers = audited("product")

    def __str__(self):
        return self.title

    @property
    def latest(self) -> "RunbookVersion":
        return self.versions.order_by("-number")[0]

    # --- Verbs ---

    @classmethod
    @transaction.atomic
    def write(cls, product, *, by, title, steps: Sequence[tuple[str, str]], summary="", owner=None, at=None):
        """A new runbook with its first version; steps are (title, instruction)."""
        row = cls.objects.create(product=product, title=title, summary=summary, owner=owner or by)
        row._add_version(1, steps, by=by, note=str(_("First version")), at=at)
        return row

    @classmethod
    @transaction.atomic
    def write_all(cls, product, books: Sequence[tuple[str, str, Sequence[tuple[str, str]]]], *, by, owner, note, at):
        """Many at once, each (title, summary, steps) with its first version: three statements."""
        for _title, _summary, steps in books:
            _refuse_length(steps)
        made = cls.objects.bulk_create(
            cls(product=product, title=title, summary=summary, owner=owner) for title, summary, _steps in books
        )
        firsts = RunbookVersion.objects.bulk_create(
            RunbookVersion(product=product, runbook=row, number=1, note=note, by=by, at=at) for row in made
        )
        RunbookStep.objects.bulk_create(
            RunbookStep(product=product, book_version=first, position=position, title=title, instruction=text)
            for first, (_title, _summary, steps) in zip(firsts, books, strict=True)
            for position, (title, text) in enumerate(steps, start=1)
        )
        return made

    @transaction.atomic
    def revise(self, *, by, steps: Sequence[tuple[str, str]], note: str, version: int, summary=None, at=None):
        """The next version of its steps, with what is different; StaleVersion if somebody wrote one meanwhile."""
        if not note.strip():
            raise ValidationError({"note": _("Say what is different.")})
        changes = {} if summary is None else {"summary": summary}
        moved = type(self).objects.filter(pk=self.pk, version=version).update(version=F("version") + 1, **changes)
        if not moved:
            raise StaleVersion(type(self).objects.get(pk=self.pk))
        self.refresh_from_db()
        return self._add_version(self.latest.number + 1, steps, by=by, note=note, at=at)

    def _add_version(self, number, steps, *, by, note, at):
        _refuse_length(steps)
        version = RunbookVersion.objects.create(
            product_id=self.product_id, runbook=self, number=number, note=note, by=by, at=at or timezone.now()
        )
        RunbookStep.objects.bulk_create(
            RunbookStep(
                product_id=self.product_id, book_version=version, position=position, title=title, instruction=text
            )
            for position, (title, text) in enumerate(steps, start=1)
        )
        return version

    @transaction.atomic
    def start(self, *, by, reason="", issue=None, at=None) -> "RunbookRun":
        """Begin a run by the latest version; later versions do not touch it."""
        return RunbookRun.objects.create(
            product_id=self.product_id,
            runbook=self,
            book_version=self.latest,
            reason=reason,
            issue=issue,
            started_by=by,
            started_at=at or timezone.now(),
        )


def _refuse_length(steps) -> None:
    if not steps or len(steps) > MOST_STEPS:
        raise ValidationError({"steps": _("A runbook has from 1 to %s steps.") % MOST_STEPS})


class RunbookVersion(models.Model):
    """The steps as they were at one time. Written once."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    runbook = models.ForeignKey(Runbook, models.CASCADE, related_name="versions", verbose_name=_("runbook"))
    number = models.PositiveIntegerField(_("version"))
    note = models.TextField(_("what is different"))
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("version of a runbook")
        verbose_name_plural = _("versions of runbooks")
        constraints = [models.UniqueConstraint(fields=["runbook", "number"], name="runbook_version_unique")]
        triggers = [*audited("product"), *append_only()]

    def __str__(self):
        return f"{self.runbook} v{self.number}"


class RunbookStep(models.Model):
    """One step of one version. Written once."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    book_version = models.ForeignKey(RunbookVersion, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(_("step"))
    title = models.CharField(_("title"), max_length=200)
    instruction = models.TextField(_("instruction"), blank=True)

    class Meta:
        ordering = ["position"]
        verbose_name = _("step of a runbook")
        verbose_name_plural = _("steps of runbooks")
        constraints = [models.UniqueConstraint(fields=["book_version", "position"], name="runbook_step_unique")]
        triggers = [*audited("product"), *append_only()]

    def __str__(self):
        return f"{self.position}. {self.title}"


class RunbookRun(Worded):
    """Somebody went through a runbook: its log says who did which step, when, and what came of it."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        ABORTED = "aborted", _("Aborted")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="runbook_runs")
    runbook = models.ForeignKey(Runbook, models.CASCADE, related_name="runs", verbose_name=_("runbook"))
    book_version = models.ForeignKey(RunbookVersion, models.PROTECT, related_name="runs")
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.RUNNING)
    reason = models.CharField(_("why"), max_length=300, blank=True)
    issue = models.ForeignKey(
        "delivery.Issue", models.SET_NULL, null=True, blank=True, related_name="runbook_runs", verbose_name=_("issue")
    )
    started_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name = _("run of a runbook")
        verbose_name_plural = _("runs of runbooks")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running", ended_at=None) | (~Q(state="running") & Q(ended_at__isnull=False)),
                name="runbook_run_ended_at_with_state",
            ),
        ]
        triggers = audited("product")

    def __str__(self):
        return str(self.runbook)

    def current(self) -> RunbookStep | None:
        """The first step that is neither done nor left out; None when all are."""
        settled = self.entries.filter(result__in=("done", "skipped")).values("step")
        return self.book_version.steps.exclude(pk__in=settled).first()

    @transaction.atomic
    def record(self, step: RunbookStep, *, by, result: str, note="", at=None) -> "RunEntry":
        """What came of the step whose turn it is. A failed one stays its turn; the last settled one ends the run."""
        at = at or timezone.now()
        run = RunbookRun.objects.select_for_update().get(pk=self.pk)
        if run.state != self.State.RUNNING:
            raise NotNow(_("This run is over: it is “%s”.") % run.get_state_display())
        current = run.current()
        if current is None or step.pk != current.pk:
            raise NotNow(_("It is not this step's turn: next is “%s”.") % current)
        if result != RunEntry.Result.DONE and not note.strip():
            raise ValidationError({"note": _("Say what happened, or why it is left out.")})
        entry = RunEntry.objects.create(
            product_id=self.product_id, run=run, step=step, result=result, note=note, by=by, at=at
        )
        if run.current() is None:
            RunbookRun.objects.filter(pk=self.pk).update(state=self.State.DONE, ended_at=at)
        self.refresh_from_db()
        return entry

    @transaction.atomic
    def abort(self, *, by, note: str, at=None) -> None:
        """It goes no further; the log says why, on the step whose turn it was."""
        if not note.strip():
            raise ValidationError({"note": _("Say why it is aborted.")})
        at = at or timezone.now()
        run = RunbookRun.objects.select_for_update().get(pk=self.pk)
        if run.state != self.State.RUNNING:
            raise NotNow(_("This run is over: it is “%s”.") % run.get_state_display())
        RunEntry.objects.create(
            product_id=self.product_id, run=run, step=run.current(), result="aborted", note=note, by=by, at=at
        )
        RunbookRun.objects.filter(pk=self.pk).update(state=self.State.ABORTED, ended_at=at)
        self.refresh_from_db()


class RunEntry(Worded):
    """One line of the log of a run. Written once."""

    class Result(models.TextChoices):
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Left out")
        ABORTED = "aborted", _("Aborted here")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    run = models.ForeignKey(RunbookRun, models.CASCADE, related_name="entries", verbose_name=_("run"))
    step = models.ForeignKey(RunbookStep, models.PROTECT, related_name="entries", verbose_name=_("step"))
    result = models.CharField(_("result"), max_length=7, choices=Result.choices)
    note = models.TextField(_("note"), blank=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("entry of a run")
        verbose_name_plural = _("entries of runs")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "step"],
                condition=Q(result__in=("done", "skipped")),
                name="run_entry_settles_a_step_once",
            ),
            models.CheckConstraint(condition=Q(result="done") | ~Q(note=""), name="run_entry_says_what_happened"),
        ]
        triggers = [*audited("product"), *append_only()]

    def __str__(self):
        return f"{self.step}: {self.get_result_display()}"
