"""The audit trail: one append-only row for each row that changed, written by database triggers.

Typed event tables (one per model) were tried on paper and left: a feed over thirty tables is a union of thirty
scans, and a bulk move of 5,000 tasks fires 5,000 row triggers. One table filled by statement triggers with
transition tables answers a feed by one index and a bulk update by one INSERT .. SELECT (docs/decisions.md).
"""

import pgtrigger
from django.conf import settings
from django.db import models


class Change(models.Model):
    """What one statement did to one row: by whom, in which request, before and after."""

    INSERT, UPDATE, DELETE = "I", "U", "D"

    at = models.DateTimeField()
    subject_type = models.CharField(max_length=20)
    subject_id = models.BigIntegerField(null=True)
    table = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    operation = models.CharField(max_length=1)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    request_id = models.CharField(max_length=64, blank=True)
    # Update: the columns that changed, as they were. Insert: empty. Delete: the whole row.
    before = models.JSONField()
    # The whole row as it is now; empty after a delete. So any register can be read as of a past date.
    after = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="change_of_subject"),
            models.Index(fields=["table", "row_id", "-id"], name="change_of_row"),
            # Which rows of a subject have changed since a moment (pmdm.activity.past), without reading them.
            models.Index(fields=["subject_type", "subject_id", "table", "at"], include=["row_id"], name="change_since"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self):
        return f"{self.operation} {self.table} {self.row_id}"
