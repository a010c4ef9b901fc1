"""Templates change by versions: a draft is edited section by section, checked as a whole, and published."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.registers.editing import FIRST
from projects.types import engine


class Editable:
    """The part of ProjectType that changes its template."""

    pk: int
    versions: Any

    @property
    def current(self):
        """The published version that new projects are made from, or None."""
        return self.versions.filter(state="published").first()

    @property
    def draft(self):
        return self.versions.filter(state="draft").first()

    @transaction.atomic
    def start_draft(self, *, by, at=None):
        """The draft that is edited; begun from the published version when there is none."""
        type(self)._base_manager.select_for_update().filter(pk=self.pk).values_list("pk").get()  # type: ignore[attr-defined]
        if draft := self.draft:
            return draft
        current = self.current
        content = current.content if current else engine.write(engine.Template())
        number = (self.versions.aggregate(last=Max("number"))["last"] or 0) + 1
        return self.versions.create(number=number, content=content, author=by, written_at=at or timezone.now())

    def save_section(self, section: str, rows: list[dict], *, version: int) -> None:
        """Replace one section of the draft; StaleVersion when somebody saved since ``version`` was read."""
        draft = self._draft()
        draft.content = engine.write(engine.read(draft.content | {section: rows}))
        draft.save_changes(["content"], version=version)

    @transaction.atomic
    def publish(self, *, by, note: str = "", at=None) -> None:
        """New projects are made from the draft from now on; projects made before keep their version."""
        draft = self._draft()
        if found := engine.problems(draft.template):
            raise ValidationError(
                ngettext(
                    "%(n)d thing in the draft is not right yet.",
                    "%(n)d things in the draft are not right yet.",
                    len(found),
                )
                % {"n": len(found)}
            )
        note = note.strip()
        if draft.number > 1 and not note:
            raise ValidationError({"note": _("Say what changed since the version before.")})
        drafts = self.versions.filter(pk=draft.pk, state="draft", version=draft.version)
        if not drafts.update(state="published", note=note, published_by=by, published_at=at or timezone.now()):
            raise ValidationError(_("Somebody changed or published the draft meanwhile."), code=FIRST)

    @transaction.atomic
    def discard(self, *, by) -> None:
        """Throw the draft away."""
        if not self.versions.filter(state="draft").delete()[0]:
            raise ValidationError(_("There is no draft any more."), code=FIRST)

    def _draft(self):
        draft = self.draft
        if draft is None:
            raise ValidationError(_("There is no draft any more: it was published or discarded."), code=FIRST)
        return draft
