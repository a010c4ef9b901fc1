"""Releases of a product: what is in them, who approved them, when they come, and what showed that they work."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from delivery.moves import NotNow, move
from pmdm.accounts.roles import Permission
from pmdm.activity.triggers import append_only, audited
from pmdm.registers.models import Versioned, Worded
from pmdm.ui import format as fmt

USER = settings.AUTH_USER_MODEL


class ReleaseQuerySet(models.QuerySet):
    def visible_to(self, user, product):
        """Clients see what was launched; what is planned, taken back or given up is ours."""
        if product.allows(user, Permission.INTERNAL_VIEW):
            return self
        return self.filter(state__in=Release.OUT_STATES)

    def planned(self):
        """With a window, and neither given up nor taken back."""
        return self.filter(starts_at__isnull=False).exclude(state__in=("cancelled", "rolled_back"))


class Release(Versioned):
    """A version on its way to the customers: planned, approved by somebody else, launched, verified."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REQUESTED = "requested", _("Waits for approval")
        APPROVED = "approved", _("Approved")
        RELEASED = "released", _("Released")
        VERIFIED = "verified", _("Verified")
        ROLLED_BACK = "rolled_back", _("Rolled back")
        CANCELLED = "cancelled", _("Cancelled")

    OUT_STATES = ("released", "verified")
    # States in which it may come onto a production.
    LAUNCHABLE = ("approved", "released", "verified", "rolled_back")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="releases")
    name = models.CharField(_("version"), max_length=50)
    state = models.CharField(_("state"), max_length=11, choices=State.choices, default=State.DRAFT)
    starts_at = models.DateTimeField(_("planned from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("planned to"), null=True, blank=True)
    targets = models.ManyToManyField(
        "delivery.Environment", blank=True, related_name="releases", verbose_name=_("environments")
    )
    components = models.ManyToManyField(
        "delivery.Component", blank=True, related_name="releases", verbose_name=_("components it changes")
    )
    released_on = models.DateField(_("released on"), null=True, blank=True)
    notes = models.TextField(_("release notes"), blank=True, help_text=_("Clients read them. Markdown."))
    internal_notes = models.TextField(_("internal notes"), blank=True, help_text=_("Only our own people read them."))
    rollback_note = models.TextField(
        _("way back"), blank=True, help_text=_("How it is undone if it fails; needed before anybody approves.")
    )
    asked_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-released_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["product", "name"], name="release_name_unique"),
            models.CheckConstraint(
                condition=Q(starts_at=None, ends_at=None)
                | Q(starts_at__isnull=False, ends_at__isnull=False, ends_at__gt=F("starts_at")),
                name="release_window_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(asked_by=None) | ~Q(decided_by=F("asked_by")),
                name="release_approved_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("released", "verified", "rolled_back")) | Q(released_on__isnull=False),
                name="release_launched_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("requested", "approved"))
                | (Q(starts_at__isnull=False, asked_by__isnull=False) & ~Q(rollback_note="")),
                name="release_requested_with_way_back",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(decided_by__isnull=False), name="release_approved_by_somebody"
            ),
        ]
        indexes = [models.Index(fields=["starts_at"], name="release_calendar")]
        triggers = audited("product")

    def __str__(self):
        return self.name

    @property
    def lead(self) -> str:
        """The first line of its notes, for lists: the others are Markdown, which only a page draws."""
        return self.notes.strip().partition("\n")[0]

    @property
    def is_out(self) -> bool:
        return self.state in self.OUT_STATES

    @property
    def is_planning(self) -> bool:
        """Whether its window, places and contents may still change."""
        return self.state == self.State.DRAFT

    # --- Verbs ---

    @transaction.atomic
    def ask(self, *, by, at=None) -> None:
        """Ask for approval. ValidationError says all that is missing; a freeze must be overridden first."""
        missing = []
        if not self.rollback_note.strip():
            missing.append(_("the way back"))
        if self.starts_at is None:
            missing.append(_("from when to when"))
        if not self.targets.exists():
            missing.append(_("at least one environment"))
        if not self.items.exists():
            missing.append(_("what is in it"))
        if missing:
            raise ValidationError(_("Still missing: %s.") % ", ".join(map(str, missing)))
        self._refuse_frozen(self.starts_at, self.ends_at)
        move(self, ("draft",), state=self.State.REQUESTED, asked_by=by, decided_by=None)
        self._decide("asked", by=by, at=at)

    @transaction.atomic
    def approve(self, *, by, reason="", at=None) -> None:
        """Somebody else than who asked says yes."""
        self._refuse_own(by)
        self._refuse_frozen(self.starts_at, self.ends_at)
        # The database refuses it too, where somebody asked anew meanwhile.
        moved = type(self).objects.filter(pk=self.pk, state="requested").exclude(asked_by=by)
        if not moved.update(state="approved", decided_by=by, version=F("version") + 1):
            self._too_late()
        self.refresh_from_db()
        self._decide("approved", by=by, reason=reason, at=at)

    @transaction.atomic
    def refuse(self, *, by, reason: str, at=None) -> None:
        """It goes back to its planners, with the reason."""
        if not reason.strip():
            raise ValidationError({"reason": _("Say why it is refused.")})
        self._refuse_own(by)
        move(self, ("requested",), state=self.State.DRAFT, decided_by=None)
        self._decide("refused", by=by, reason=reason, at=at)

    @transaction.atomic
    def take_back(self, *, by, reason: str, at=None) -> None:
        """Plan it anew: an approval that was given is void."""
        if not reason.strip():
            raise ValidationError({"reason": _("Say why it is planned anew.")})
        move(self, ("requested", "approved"), state=self.State.DRAFT, decided_by=None)
        self._decide("taken_back", by=by, reason=reason, at=at)

    @transaction.atomic
    def cancel(self, *, by, reason: str, at=None) -> None:
        """It will not come."""
        if not reason.strip():
            raise ValidationError({"reason": _("Say why it is cancelled.")})
        move(self, ("draft", "requested", "approved"), state=self.State.CANCELLED)
        self._decide("cancelled", by=by, reason=reason, at=at)

    @transaction.atomic
    def launch(self, *, by, at=None) -> None:
        """It is out: on its environments, and what it fixed is fixed in it. Not while a freeze holds."""
        at = at or timezone.now()
        self._refuse_frozen(at, at)
        move(self, ("approved",), state=self.State.RELEASED, released_on=timezone.localdate(at))
        for environment in self.targets.running().order_by("pk"):
            environment.deploy(self, by=by, at=at)
        fixed = self.product.issues.filter(
            release_items__release=self, fixed_in=None, state__in=("resolved", "closed")
        ).exclude(type="request")
        self.product.issues.filter(pk__in=list(fixed.values_list("pk", flat=True))).update(
            fixed_in=self, version=F("version") + 1
        )
        self._decide("launched", by=by, at=at)

    @transaction.atomic
    def verify(self, *, by, at=None) -> None:
        """Every check after the launch has passed."""
        results = list(self.checks.select_for_update().values_list("result", flat=True))
        if not results:
            raise ValidationError(_("Name at least one check first: what shows that it works?"))
        if left := sum(result != ReleaseCheck.Result.PASSED for result in results):
            raise ValidationError(
                ngettext("%(n)d check has not passed.", "%(n)d checks have not passed.", left) % {"n": left}
            )
        move(self, ("released",), state=self.State.VERIFIED)
        self._decide("verified", by=by, at=at)

    @transaction.atomic
    def roll_back(self, *, by, reason: str, at=None) -> list[str]:
        """Each environment on which it is now goes back to the version before; the names of those without one."""
        if not reason.strip():
            raise ValidationError({"reason": _("Say why it is rolled back.")})
        at = at or timezone.now()
        move(self, self.OUT_STATES, state=self.State.ROLLED_BACK)
        without = []
        for environment in self.product.environments.running().with_version().filter(version_id=self.pk):
            before = environment.deployments.exclude(release=self).select_related("release").first()
            if before is None:
                without.append(environment.name)
            else:
                environment.deploy(before.release, by=by, at=at, note=reason, is_rollback=True)
        self._decide("rolled_back", by=by, reason=reason, at=at)
        return without

    @transaction.atomic
    def override(self, freeze: "FreezeWindow", *, by, reason: str, at=None) -> "FreezeOverride":
        """It may come although changes are frozen; by whoever may, with a reason, once for each window."""
        if not reason.strip():
            raise ValidationError({"reason": _("Say why it cannot wait.")})
        if not freeze.may_be_overridden_by(by, self.product):
            raise ValidationError(_("“%s” is overridden by the project office only.") % freeze)
        row, created = FreezeOverride.objects.get_or_create(
            release=self,
            freeze=freeze,
            defaults={"product": self.product, "reason": reason, "by": by, "at": at or timezone.now()},
        )
        if not created:
            raise NotNow(_("“%s” is overridden already.") % freeze)
        return row

    def freezes(self, start=None, end=None):
        """Windows of this product or of the whole house that this release meets and that nobody overrode."""
        start, end = start or self.starts_at, end or self.ends_at
        if start is None:
            return FreezeWindow.objects.none()
        met = FreezeWindow.objects.filter(Q(product=self.product_id) | Q(product=None), ended_at=None)
        met = met.filter(starts_at__lte=start, ends_at__gt=start) if start == end else met.filter(
            starts_at__lt=end, ends_at__gt=start
        )  # fmt: skip
        return met.exclude(pk__in=self.overrides.values("freeze"))

    def _refuse_frozen(self, start, end) -> None:
        if freeze := self.freezes(start, end).first():
            raise ValidationError(
                _("Changes are frozen from %(start)s to %(end)s: %(name)s. Choose another time, or have it overridden.")
                % {"start": fmt.when(freeze.starts_at), "end": fmt.when(freeze.ends_at), "name": freeze.name}
            )

    def _refuse_own(self, by) -> None:
        self.refresh_from_db()
        if self.asked_by_id == by.pk:
            raise ValidationError(_("Nobody decides about what they asked for themselves."))

    def _too_late(self) -> None:
        self.refresh_from_db()
        raise NotNow(
            _("This cannot be done now: %(record)s is “%(state)s”.")
            % {"record": self, "state": self.get_state_display()}
        )

    def _decide(self, what: str, *, by, reason="", at=None) -> None:
        ReleaseStep.objects.create(
            product_id=self.product_id, release=self, what=what, reason=reason, by=by, at=at or timezone.now()
        )


class ReleaseStep(Worded):
    """What happened to a release, by whom and why. Written once."""

    class What(models.TextChoices):
        ASKED = "asked", _("Asked for approval")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        TAKEN_BACK = "taken_back", _("Planned anew")
        CANCELLED = "cancelled", _("Cancelled")
        LAUNCHED = "launched", _("Launched")
        VERIFIED = "verified", _("Verified")
        ROLLED_BACK = "rolled_back", _("Rolled back")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    release = models.ForeignKey(Release, models.CASCADE, related_name="steps", verbose_name=_("release"))
    what = models.CharField(_("step"), max_length=11, choices=What.choices)
    reason = models.TextField(_("reason"), blank=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("step of a release")
        verbose_name_plural = _("steps of releases")
        triggers = [*audited("product"), *append_only()]

    def __str__(self):
        return f"{self.release}: {self.get_what_display()}"


class ReleaseItem(models.Model):
    """Something that is in a release: an issue, a requirement, or a change told in words."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    release = models.ForeignKey(Release, models.CASCADE, related_name="items", verbose_name=_("release"))
    issue = models.ForeignKey(
        "delivery.Issue", models.CASCADE, null=True, blank=True, related_name="release_items", verbose_name=_("issue")
    )
    requirement = models.ForeignKey(
        "delivery.Requirement",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="release_items",
        verbose_name=_("requirement"),
    )
    change = models.CharField(_("change"), max_length=300, blank=True)
    # What clients read about it; empty: they read nothing.
    public_text = models.CharField(
        _("in the release notes"), max_length=300, blank=True, help_text=_("What clients read. Empty: nothing.")
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("content of a release")
        verbose_name_plural = _("contents of releases")
        constraints = [
            models.CheckConstraint(
                condition=Q(issue__isnull=False, requirement=None, change="")
                | Q(issue=None, requirement__isnull=False, change="")
                | (Q(issue=None, requirement=None) & ~Q(change="")),
                name="release_item_is_one_thing",
            ),
            models.UniqueConstraint(
                fields=["release", "issue"], condition=Q(issue__isnull=False), name="release_item_issue_once"
            ),
            models.UniqueConstraint(
                fields=["release", "requirement"],
                condition=Q(requirement__isnull=False),
                name="release_item_requirement_once",
            ),
        ]
        triggers = audited("product")

    def __str__(self):
        return str(self.issue or self.requirement or self.change)


class ReleaseCheck(Worded):
    """What is looked at after the launch, and what was found."""

    class Result(models.TextChoices):
        OPEN = "open", _("Not looked at")
        PASSED = "passed", _("Passed")
        FAILED = "failed", _("Failed")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    release = models.ForeignKey(Release, models.CASCADE, related_name="checks", verbose_name=_("release"))
    text = models.CharField(_("what is checked"), max_length=300)
    result = models.CharField(_("result"), max_length=6, choices=Result.choices, default=Result.OPEN)
    evidence = models.TextField(_("what was seen"), blank=True)
    by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("check of a release")
        verbose_name_plural = _("checks of releases")
        constraints = [
            models.CheckConstraint(
                condition=Q(result="open", at=None, by=None)
                | (~Q(result="open") & Q(at__isnull=False, by__isnull=False) & ~Q(evidence="")),
                name="release_check_done_by_somebody",
            ),
        ]
        triggers = audited("product")

    def __str__(self):
        return self.text

    def record(self, *, by, result: str, evidence: str, at=None) -> None:
        """What was found after the launch; a check that failed may pass later. NotNow before the launch."""
        if result not in (self.Result.PASSED, self.Result.FAILED):
            raise ValidationError({"result": _("Say whether it passed or failed.")})
        if not evidence.strip():
            raise ValidationError({"evidence": _("Say what was seen.")})
        at = at or timezone.now()
        done = (
            type(self)
            .objects.filter(pk=self.pk, release__state=Release.State.RELEASED)
            .update(result=result, evidence=evidence, by=by, at=at)
        )
        self.refresh_from_db()
        if not done:
            raise NotNow(_("Checks are recorded after the launch and before it is verified."))


class FreezeWindow(Worded):
    """From when to when nothing may be released, of one product or (without one) of the whole house."""

    product = models.ForeignKey(
        "delivery.Product", models.CASCADE, null=True, blank=True, related_name="freezes", verbose_name=_("product")
    )
    name = models.CharField(_("name"), max_length=100)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)  # given up: it freezes nothing any more

    class Meta:
        ordering = ["starts_at", "pk"]
        verbose_name = _("freeze")
        verbose_name_plural = _("freezes")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="freeze_ends_after_start"),
        ]
        triggers = audited("product")

    def __str__(self):
        return self.name

    def may_be_overridden_by(self, user, product) -> bool:
        """That of a product by whoever may there; that of the whole house by those who hold it on the site."""
        if self.product_id is None:
            return Permission.FREEZE_OVERRIDE in user.site_permissions
        return product.allows(user, Permission.FREEZE_OVERRIDE)

    def end(self, *, by, at=None) -> None:
        """It freezes nothing any more. Ending twice changes nothing."""
        type(self).objects.filter(pk=self.pk, ended_at=None).update(ended_at=at or timezone.now())
        self.refresh_from_db(fields=["ended_at"])


class FreezeOverride(models.Model):
    """A release may come although changes are frozen: who said so, and why. Written once."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    release = models.ForeignKey(Release, models.CASCADE, related_name="overrides", verbose_name=_("release"))
    freeze = models.ForeignKey(FreezeWindow, models.CASCADE, related_name="overrides", verbose_name=_("freeze"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("override of a freeze")
        verbose_name_plural = _("overrides of freezes")
        constraints = [models.UniqueConstraint(fields=["release", "freeze"], name="freeze_overridden_once")]
        triggers = [*audited("product"), *append_only()]

    def __str__(self):
        return f"{self.release}: {self.freeze}"
