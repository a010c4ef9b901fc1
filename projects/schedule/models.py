"""The work breakdown, its links, resources and baselines. Dates are computed by ``projects.schedule.engine``.

Date-times of the plan are wall-clock times of the project's time zone, as project tools keep them; they are stored
as ``timestamptz`` and shown in that zone. Durations and floats are working minutes unless they say elapsed.
"""

import datetime

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited
from pmdm.kpis.triggers import marks_dirty
from pmdm.registers.models import Versioned
from projects.schedule import frozen


class PlanSettings(models.Model):
    """How one plan is computed, where it differs from the usual; and the file it came from."""

    project = models.OneToOneField("projects.Project", models.CASCADE, related_name="plan_settings")
    # Must-start, must-finish and no-later-than constraints beat links; else links win.
    honour_constraints = models.BooleanField(_("constraints beat links"), default=True)
    # Hours and absences of the people on a task decide when it is worked. Off unless somebody switches it on for the
    # plan: dates of a plan do not move because of something outside of it without anybody having been told.
    people_hours = models.BooleanField(_("people's hours and absences move their tasks"), default=False)
    people_seen = models.CharField(
        max_length=64, blank=True, default="", editable=False
    )  # hash of what was computed with
    # Tasks with this much total float or less are critical.
    critical_float = models.IntegerField(_("critical up to a float of"), default=0)  # minutes
    # Set: the plan is computed backwards from this finish.
    from_finish = models.DateTimeField(_("planned backwards from"), null=True, blank=True)
    source_name = models.CharField(_("imported from"), max_length=200, blank=True)
    imported_at = models.DateTimeField(null=True, blank=True)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        triggers = audited("project")

    def __str__(self):
        return f"Plan of {self.project}"


class PlanCalendar(models.Model):
    """A calendar of one plan (imported or made for it); same shape as worktime.Calendar."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="plan_calendars")
    uid = models.IntegerField()
    name = models.CharField(_("name"), max_length=200)
    week = models.JSONField(default=dict)
    exceptions = models.JSONField(default=list, blank=True)
    is_project_calendar = models.BooleanField(default=False)

    class Meta:
        ordering = ["uid"]
        constraints = [models.UniqueConstraint(fields=["project", "uid"], name="plan_calendar_uid_unique")]

    def __str__(self):
        return self.name


class Task(Versioned):
    class Mode(models.TextChoices):
        AUTO = "auto", _("Automatic")
        MANUAL = "manual", _("Manual")

    class Constraint(models.IntegerChoices):
        """Codes of the Microsoft Project data interchange schema."""

        ASAP = 0, _("As soon as possible")
        ALAP = 1, _("As late as possible")
        MSO = 2, _("Must start on")
        MFO = 3, _("Must finish on")
        SNET = 4, _("Start no earlier than")
        SNLT = 5, _("Start no later than")
        FNET = 6, _("Finish no earlier than")
        FNLT = 7, _("Finish no later than")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="tasks")
    uid = models.PositiveIntegerField(help_text="Unique per project, stable; kept from the imported plan.")
    number = models.PositiveIntegerField(help_text="Row number in the plan, 1..n; renumbered when rows move.")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    name = models.CharField(_("name"), max_length=300)
    notes = models.TextField(_("notes"), blank=True)
    is_milestone = models.BooleanField(_("milestone"), default=False)
    mode = models.CharField(_("mode"), max_length=6, choices=Mode.choices, default=Mode.AUTO)
    duration = models.PositiveIntegerField(_("duration"), default=480)  # minutes
    duration_elapsed = models.BooleanField(default=False)
    constraint = models.PositiveSmallIntegerField(_("constraint"), choices=Constraint.choices, default=Constraint.ASAP)
    constraint_date = models.DateTimeField(_("constraint date"), null=True, blank=True)
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    calendar = models.ForeignKey(PlanCalendar, models.SET_NULL, null=True, blank=True, related_name="+")
    percent = models.PositiveSmallIntegerField(
        _("% complete"), default=0, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    # Work left as the person or the imported plan says it; empty: what the percentage leaves.
    remaining = models.PositiveIntegerField(_("remaining duration"), null=True, blank=True)  # minutes
    actual_start = models.DateTimeField(_("actual start"), null=True, blank=True)
    actual_finish = models.DateTimeField(_("actual finish"), null=True, blank=True)
    # Where the person or the imported plan put a manual task.
    manual_start = models.DateTimeField(null=True, blank=True)
    manual_finish = models.DateTimeField(null=True, blank=True)
    work = models.PositiveIntegerField(_("work"), null=True, blank=True)  # minutes
    cost = models.DecimalField(_("planned cost"), max_digits=14, decimal_places=2, null=True, blank=True)
    # Interruptions: [[minutes worked before it, minutes it lasts], ...], as the engine takes them.
    splits = models.JSONField(default=list, blank=True)
    # An inactive task stays visible in the plan, but holds nobody and counts nowhere.
    is_active = models.BooleanField(_("active"), default=True)

    # Written by the engine, never by a person.
    is_summary = models.BooleanField(default=False, editable=False)
    outline_level = models.PositiveSmallIntegerField(default=1, editable=False)
    wbs = models.CharField(max_length=60, blank=True, editable=False)
    start = models.DateTimeField(null=True, editable=False)
    finish = models.DateTimeField(null=True, editable=False)
    early_start = models.DateTimeField(null=True, editable=False)
    early_finish = models.DateTimeField(null=True, editable=False)
    late_start = models.DateTimeField(null=True, editable=False)
    late_finish = models.DateTimeField(null=True, editable=False)
    total_float = models.IntegerField(null=True, editable=False)
    free_float = models.IntegerField(null=True, editable=False)
    is_critical = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "uid"], name="task_uid_unique"),
            models.UniqueConstraint(
                fields=["project", "number"], name="task_number_unique", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(condition=Q(percent__range=(0, 100)), name="task_percent_0_100"),
            models.CheckConstraint(
                condition=Q(start=None) | Q(finish=None) | Q(finish__gte=F("start")),
                name="task_finish_after_start",
            ),
            models.CheckConstraint(
                condition=Q(actual_finish=None)
                | (Q(actual_start__isnull=False) & Q(actual_finish__gte=F("actual_start"))),
                name="task_actual_finish_after_actual_start",
            ),
            models.CheckConstraint(
                condition=Q(constraint__in=(0, 1)) | Q(constraint_date__isnull=False),
                name="task_constraint_has_its_date",
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="task_not_its_own_parent"),
        ]
        indexes = [
            models.Index(fields=["project", "finish"], name="task_finish"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="task_name_words"),  # search by words
        ]
        triggers = [*audited("project"), *marks_dirty("project"), *frozen.found_again()]

    def __str__(self):
        return f"{self.number} {self.name}"

    @property
    def is_done(self):
        return self.percent == 100

    @cached_property
    def booked_minutes(self) -> int:
        """What people booked on this task: shown beside its progress, which it never changes by itself."""
        return self.time_entries.aggregate(sum=models.Sum("minutes"))["sum"] or 0

    @cached_property
    def planned_minutes(self) -> int:
        """Work as the plan says it, else what its assignments amount to."""
        if self.work is not None:
            return self.work
        rows = self.assignments.filter(resource__kind="work").values_list("work", "units")
        return sum(work if work is not None else round(self.duration * units / 100) for work, units in rows)


class Link(models.Model):
    """A dependency between two tasks of one project."""

    class Type(models.TextChoices):
        FS = "FS", _("Finish to start")
        SS = "SS", _("Start to start")
        FF = "FF", _("Finish to finish")
        SF = "SF", _("Start to finish")

    class LagUnit(models.TextChoices):
        WORK = "working", _("working minutes")
        ELAPSED = "elapsed", _("elapsed minutes")
        PERCENT = "percent", _("% of the predecessor's duration")
        ELAPSED_PERCENT = "elapsed percent", _("% of the predecessor's duration, elapsed")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="links")
    predecessor = models.ForeignKey(Task, models.CASCADE, related_name="successor_links")
    successor = models.ForeignKey(Task, models.CASCADE, related_name="predecessor_links")
    type = models.CharField(max_length=2, choices=Type.choices, default=Type.FS)
    lag = models.IntegerField(default=0)
    lag_unit = models.CharField(max_length=16, choices=LagUnit.choices, default=LagUnit.WORK)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="link_pair_unique"),
            models.CheckConstraint(condition=~Q(predecessor=F("successor")), name="link_no_self_edge"),
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.predecessor_id} {self.type} {self.successor_id}"


class Resource(models.Model):
    """A person, material or cost item of the plan; a person may be one of our users."""

    class Kind(models.TextChoices):
        WORK = "work", _("Person")
        MATERIAL = "material", _("Material")
        COST = "cost", _("Cost")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="resources")
    uid = models.PositiveIntegerField()
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.WORK)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    # A generic resource ('2 testers') is nobody yet: it has units, and may say what it must be able to do.
    skill = models.ForeignKey(
        "accounts.Skill", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("skill")
    )
    max_units = models.DecimalField(_("units"), max_digits=7, decimal_places=2, default=100)  # percent
    hourly_rate = models.DecimalField(_("rate per hour"), max_digits=12, decimal_places=2, null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["project", "uid"], name="resource_uid_unique")]
        triggers = audited("project")

    def __str__(self):
        return self.name


class Assignment(models.Model):
    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="assignments")
    task = models.ForeignKey(Task, models.CASCADE, related_name="assignments")
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="assignments")
    units = models.DecimalField(_("units"), max_digits=7, decimal_places=2, default=100)  # percent
    work = models.PositiveIntegerField(null=True, blank=True)  # minutes
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "resource"], name="assignment_unique")]
        triggers = audited("project")

    def __str__(self):
        return f"{self.resource} → {self.task}"


class Baseline(models.Model):
    """A frozen copy of the plan. The active one is what 'on time' is measured against.

    Any number of them; interchange with Microsoft Project knows 0 to 10. An approved one never changes again.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Not approved")
        REQUESTED = "requested", _("Approval asked for")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="baselines")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(_("name"), max_length=100, blank=True)
    note = models.TextField(_("note"), blank=True)
    is_active = models.BooleanField(_("measured against"), default=True)
    start = models.DateTimeField(null=True)
    finish = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(default=timezone.now)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    state = models.CharField(_("approval"), max_length=10, choices=State.choices, default=State.DRAFT)
    requested_at = models.DateTimeField(null=True, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decision_note = models.TextField(_("decision"), blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="baseline_number_unique"),
            models.UniqueConstraint(fields=["project"], condition=Q(is_active=True), name="baseline_one_active"),
            models.CheckConstraint(
                condition=Q(state="draft", requested_by=None, decided_by=None)
                | Q(state="requested", requested_by__isnull=False, requested_at__isnull=False, decided_by=None)
                | Q(state__in=["approved", "declined"], requested_by__isnull=False, decided_by__isnull=False)
                & Q(decided_at__isnull=False),
                name="baseline_state_with_people",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")), name="baseline_decided_by_another"
            ),
        ]
        triggers = [*audited("project"), *marks_dirty("project"), *frozen.baseline()]

    def __str__(self):
        return self.name or _("Baseline %(number)s") % {"number": self.number}

    @property
    def is_approved(self) -> bool:
        return self.state == self.State.APPROVED


class PlanUpload(models.Model):
    """An uploaded plan between its dry run and its confirmation; found only by its token, its person and its project.

    In the database rather than in a folder: every web and worker process sees it, and it goes with the transaction.
    """

    KEPT = datetime.timedelta(hours=2)

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField()  # zlib
    # What the dry run found; empty until it has run.
    report = models.JSONField(default=dict)
    uploaded_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return self.file_name


class PlanOrigin(models.Model):
    """The plan as its file had it, for the way back: what PMDM has no field for is written out as it came in.

    Kept as the Microsoft Project XML that ``planfiles.write_mspdi`` makes of it. It goes with the next import.
    """

    project = models.OneToOneField("projects.Project", models.CASCADE, related_name="plan_origin")
    content = models.BinaryField()  # zlib
    kept_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"Origin of the plan of {self.project}"


class PlanBefore(models.Model):
    """The plan as it stood before a file replaced it, as Microsoft Project XML: one click brings it back."""

    project = models.OneToOneField("projects.Project", models.CASCADE, related_name="plan_before")
    content = models.BinaryField()  # zlib
    tasks = models.PositiveIntegerField()
    baselines = models.JSONField(default=list)  # keys of those that stood then; what is left of them stays as it is
    replaced_by = models.CharField(max_length=200, blank=True)  # the name of the file
    kept_at = models.DateTimeField(default=timezone.now)
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    def __str__(self):
        return f"Plan of {self.project} before {self.replaced_by}"


class BaselineTask(models.Model):
    """A task as it was when the plan was frozen; stays when the task goes (``task`` is empty then)."""

    baseline = models.ForeignKey(Baseline, models.CASCADE, related_name="tasks")
    task = models.ForeignKey(Task, models.SET_NULL, null=True, related_name="baseline_rows")
    # What it was then. The database fills these from the task where an insert leaves them out.
    uid = models.PositiveIntegerField(null=True)
    number = models.PositiveIntegerField(null=True)
    wbs = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=300, blank=True)
    is_summary = models.BooleanField(default=False)
    is_milestone = models.BooleanField(default=False)
    start = models.DateTimeField(null=True)
    finish = models.DateTimeField(null=True)
    duration = models.PositiveIntegerField(null=True)  # minutes
    work = models.PositiveIntegerField(null=True)  # minutes
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["baseline", "task"], name="baseline_task_unique"),
            models.UniqueConstraint(fields=["baseline", "uid"], name="baseline_task_uid_unique"),
            models.CheckConstraint(condition=Q(uid__isnull=False), name="baseline_task_has_uid"),
        ]
        triggers = frozen.rows()

    def __str__(self):
        return f"{self.baseline_id}: {self.number} {self.name}"
