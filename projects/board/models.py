"""The plan as a board. A task's progress says where its card lies; stored is only what progress can't say.

Not begun lies in the first column, done in the last, and what is under way in one of those between. So there is one
truth: a card that is dragged changes percent and actual dates, and progress that is reported elsewhere moves the card.
"""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited
from pmdm.registers.models import Versioned


class Board(Versioned):
    """That a project has columns of its own; its version guards them as one."""

    project = models.OneToOneField("projects.Project", models.CASCADE, related_name="board")

    class Meta:
        triggers = audited("project")

    def __str__(self):
        return f"Board of {self.project}"


class BoardColumn(models.Model):
    """A column; the first means not begun, the last done."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="board_columns")
    key = models.SlugField(max_length=20)
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField()
    # As many cards as should be in it at once; empty: any number.
    wip_limit = models.PositiveSmallIntegerField(
        _("limit"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(999)]
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["project", "key"], name="board_column_key_unique"),
            models.UniqueConstraint(
                fields=["project", "position"],
                name="board_column_position_unique",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(wip_limit=None) | Q(wip_limit__range=(1, 999)), name="board_column_limit_1_999"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="board_column_has_a_name"),
        ]
        triggers = audited("project")

    def __str__(self):
        return self.name


class Card(models.Model):
    """What progress can't say of a task: which of the columns between, its place there, its priority."""

    class Priority(models.IntegerChoices):
        HIGH = 1, _("High")
        NORMAL = 2, _("Normal")
        LOW = 3, _("Low")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="cards")
    task = models.OneToOneField("projects.Task", models.CASCADE, related_name="card")
    column = models.ForeignKey(BoardColumn, models.SET_NULL, null=True, related_name="cards")
    rank = models.PositiveIntegerField(null=True)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    # How far it was when it was put into the last column: taken out again it is as far as then.
    open_percent = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(priority__range=(1, 3)), name="card_priority_1_3"),
            models.CheckConstraint(condition=Q(open_percent__range=(0, 99)), name="card_open_percent_0_99"),
        ]
        triggers = audited("project")

    def __str__(self):
        return f"Card of {self.task}"
