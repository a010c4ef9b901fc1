"""What all registers share: numbers that never repeat, optimistic locking, the 5x5 risk matrix."""

from functools import lru_cache

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import connection, models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.registers.matrix import Level, level_of
from pmdm.ui.language import language

CODE = RegexValidator(
    r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*\Z",
    _("A code has capital letters, digits and single hyphens, and starts with a letter: NCP or PRJ-42."),
)


class Counter(models.Model):
    """The last number given for one prefix of one subject; its row lock makes numbers unique."""

    subject = models.CharField(max_length=40)  # 'project:12'
    prefix = models.CharField(max_length=10)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "prefix"], name="counter_unique")]

    def __str__(self):
        return f"{self.subject} {self.prefix}-{self.last}"

    @classmethod
    def take(cls, subject: str, prefix: str, count: int = 1) -> int:
        """The first of ``count`` new numbers. Must run in a transaction: a rollback gives the number back."""
        # One statement: the row lock is the insert-or-update itself, held until the caller's transaction ends.
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO registers_counter AS c (subject, prefix, last) VALUES (%s, %s, %s)"
                " ON CONFLICT (subject, prefix) DO UPDATE SET last = c.last + excluded.last RETURNING last",
                [subject, prefix, count],
            )
            return cursor.fetchone()[0] - count + 1


class Numbered(models.Model):
    """A row with a number of its own per subject, shown as R-14. The subclass names PREFIX and SUBJECT."""

    PREFIX = ""
    SUBJECT = ""  # name of the foreign key: 'project' or 'product'

    number = models.PositiveIntegerField(editable=False)

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if self.number is None:
            subject_id = getattr(self, f"{self.SUBJECT}_id")
            self.number = Counter.take(f"{self.SUBJECT}:{subject_id}", self.PREFIX)
        super().save(*args, **kwargs)

    @property
    def ref(self) -> str:
        return f"{self.PREFIX}-{self.number}"


class StaleVersion(Exception):
    """Somebody saved the record since it was read. ``theirs`` is the record as it is now."""

    def __init__(self, theirs):
        super().__init__(f"{theirs} was changed by somebody else")
        self.theirs = theirs


class Worded(models.Model):
    """A row whose ``get_state_display()`` and the like cost a list nothing.

    Django makes a dictionary of all choices, with their translations, for every single word.
    """

    class Meta:
        abstract = True

    def _get_FIELD_display(self, field):
        value = getattr(self, field.attname)
        return _words(field, language()).get(value, "" if value is None else str(value))


def words_of(model: type[models.Model], name: str) -> dict[object, str]:
    """{value: word} of a field with choices, in the language in force: for rows that are no instances."""
    return _words(model._meta.get_field(name), language())


@lru_cache(maxsize=1024)
def _words(field: models.Field, language: str | None) -> dict[object, str]:
    return {value: str(word) for value, word in field.flatchoices}


class Versioned(Worded):
    """A record that two people may edit: saving names the version that was read."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def save_changes(self, fields: list[str], *, version: int | None = None) -> None:
        """Write only ``fields`` if nobody saved since ``version`` (default: the one read); else StaleVersion."""
        read = self.version if version is None else version
        values = {name: getattr(self, name) for name in fields}
        saved = type(self)._base_manager.filter(pk=self.pk, version=read).update(version=F("version") + 1, **values)
        if not saved:
            raise StaleVersion(type(self)._base_manager.get(pk=self.pk))
        self.version = read + 1


SCORE = [MinValueValidator(1), MaxValueValidator(5)]


class RiskQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state__in=Risk.OPEN_STATES)

    def scored(self):
        return self.exclude(probability=None).exclude(impact=None)


class Risk(Numbered, Versioned):
    """A risk on the 5x5 matrix. Scores are 1-5 or empty (not analysed yet: counted apart, never 0)."""

    PREFIX = "R"

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        OCCURRED = "occurred", _("Occurred")
        CLOSED = "closed", _("Closed")

    OPEN_STATES = ("open",)

    class Response(models.TextChoices):
        AVOID = "avoid", _("Avoid")
        MITIGATE = "mitigate", _("Mitigate")
        TRANSFER = "transfer", _("Transfer")
        ACCEPT = "accept", _("Accept")
        EXPLOIT = "exploit", _("Exploit")
        ENHANCE = "enhance", _("Enhance")

    title = models.CharField(_("title"), max_length=250)
    description = models.TextField(_("cause, event and effect"), blank=True)
    category = models.CharField(_("category"), max_length=100, blank=True)
    is_opportunity = models.BooleanField(_("opportunity"), default=False)
    probability = models.PositiveSmallIntegerField(_("probability"), null=True, blank=True, validators=SCORE)
    impact = models.PositiveSmallIntegerField(_("impact"), null=True, blank=True, validators=SCORE)
    inherent_probability = models.PositiveSmallIntegerField(null=True, blank=True, validators=SCORE)
    inherent_impact = models.PositiveSmallIntegerField(null=True, blank=True, validators=SCORE)
    response = models.CharField(_("response"), max_length=10, choices=Response.choices, blank=True)
    response_plan = models.TextField(_("response plan"), blank=True)
    owner = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    exposure = models.DecimalField(
        _("cost if it happens"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    review_on = models.DateField(_("next review"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    raised_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.TextField(_("reason"), blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(probability=None) | Q(probability__range=(1, 5)),
                name="%(app_label)s_risk_probability_1_5",
            ),
            models.CheckConstraint(
                condition=Q(impact=None) | Q(impact__range=(1, 5)), name="%(app_label)s_risk_impact_1_5"
            ),
            models.CheckConstraint(
                condition=Q(exposure=None) | Q(exposure__gte=0),
                name="%(app_label)s_risk_exposure_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="%(app_label)s_risk_closed_at_with_state",
            ),
        ]

    def __str__(self):
        return f"{self.ref} {self.title}"

    @property
    def is_open(self):
        return self.state in self.OPEN_STATES

    @property
    def score(self) -> int | None:
        """Probability x impact, 1-25; None while not analysed."""
        return self.probability * self.impact if self.probability and self.impact else None

    @property
    def level(self) -> Level | None:
        return level_of(self.probability, self.impact)
