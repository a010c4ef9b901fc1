"""What people do about knowledge transfer. Each takes the record's lock, so nothing slips past a submission."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from handover.around import WAITING_STATES, locked
from handover.knowledge.models import Learner, Material, Proof, Topic, TrainingSession
from handover.transfer.models import Handover
from pmdm.accounts.roles import Permission
from pmdm.files.models import File

EDITABLE = Handover.EDITABLE_STATES
# Knowledge goes on being passed while the receiver looks at the record.
RUNNING = (*EDITABLE, *WAITING_STATES)


@transaction.atomic
def add_topic(handover: Handover, *, by, **fields) -> Topic:
    """A new topic; its title must be new in this handover."""
    current = locked(handover, *EDITABLE)
    _fresh_title(current, fields["title"])
    return Topic.objects.create(project_id=current.project_id, handover=current, **fields)


@transaction.atomic
def add_standard_topics(handover: Handover, *, by) -> int:
    """The topics that most services need, those left out that are there; how many were added."""
    current = locked(handover, *EDITABLE)
    known = set(current.topics.values_list("title", flat=True))
    rows = [
        Topic(
            project_id=current.project_id,
            handover=current,
            title=title,
            description=text,
            is_critical=critical,
            needed=needed,
        )
        for title, text, critical, needed in standard_topics()
        if title not in known
    ]
    Topic.objects.bulk_create(rows)
    return len(rows)


def standard_topics() -> list[tuple[str, str, bool, int]]:
    """(topic, what one must be able to do, critical, how many people), in the language of now."""
    return [
        (_("Start, stop and restore"), _("Bring the service up and down, and back from a backup."), True, 2),
        (_("Monitoring and alerts"), _("Know what each alert means and what to do first."), True, 2),
        (_("Common faults and their repair"), _("Repair the faults seen so far with the runbook alone."), True, 1),
        (_("Releasing a change"), _("Build, test, release and roll back a change."), True, 1),
        (_("Access and secrets"), _("Give and take access; renew certificates and keys."), False, 1),
        (_("What users do with it"), _("Walk through the main tasks as each kind of user."), False, 1),
        (_("Interfaces and data"), _("Know what comes in, what goes out, and whom to call."), False, 1),
    ]


@transaction.atomic
def change_topic(topic: Topic, fields: list[str], *, by, version: int) -> None:
    """Write what was edited; StaleVersion if somebody saved since."""
    current = locked(topic.handover, *EDITABLE)
    _fresh_title(current, topic.title, but=topic)
    topic.save_changes(fields, version=version)


@transaction.atomic
def remove_topic(topic: Topic, *, by) -> None:
    """Take a topic off. One that somebody was judged on stays: the judgement is a record."""
    locked(topic.handover, *EDITABLE)
    if topic.proofs.exists():
        raise ValidationError(_("Somebody was judged on “%(topic)s” already; it stays.") % {"topic": topic})
    topic.delete()


def _fresh_title(handover: Handover, title: str, but: Topic | None = None) -> None:
    if handover.topics.filter(title=title).exclude(pk=but.pk if but else None).exists():
        raise ValidationError({"title": _("There is a topic of this name already.")})


@transaction.atomic
def add_learner(handover: Handover, user, *, by) -> Learner:
    """Name a person of the receiving team. Naming them twice changes nothing."""
    current = locked(handover, *EDITABLE)
    return Learner.objects.get_or_create(project_id=current.project_id, handover=current, user=user)[0]


@transaction.atomic
def remove_learner(learner: Learner, *, by) -> None:
    """They leave the receiving team; what they have proven no longer counts."""
    locked(learner.handover, *EDITABLE)
    learner.delete()


@transaction.atomic
def add_material(handover: Handover, *, by, upload=None, at=None, **fields) -> Material:
    """Keep a document: a file, a link or a note. ValidationError when it is none of them."""
    current = locked(handover, *EDITABLE)
    if not (upload or fields.get("link") or (fields.get("note") or "").strip()):
        raise ValidationError({"link": _("Give a link, a file or a note: otherwise there is nothing to read.")})
    at = at or timezone.now()
    file = File.keep(current.project, upload, by=by, permission=Permission.HANDOVER_VIEW, at=at) if upload else None
    return Material.objects.create(
        project_id=current.project_id, handover=current, added_by=by, added_at=at, file=file, **fields
    )


@transaction.atomic
def remove_material(material: Material, *, by) -> None:
    locked(material.handover, *EDITABLE)
    material.delete()


@transaction.atomic
def hold_session(handover: Handover, *, by, topics, attendees, materials=(), **fields) -> TrainingSession:
    """Record a session that was held or is planned, with who was there and what it was about."""
    current = locked(handover, *RUNNING)
    session = TrainingSession.objects.create(project_id=current.project_id, handover=current, **fields)
    session.topics.set(topics)
    session.attendees.set(attendees)
    session.materials.set(materials)
    return session


@transaction.atomic
def prove(topic: Topic, person, *, by, passed: bool, judged_by=None, kind=Proof.Kind.TEACH_BACK, at=None, **fields):
    """Record that a person showed what they know about a topic, or failed to. Nobody judges or records themselves.

    Before acceptance: somebody of the receiving team; afterwards: somebody of the product's team.
    """
    current = locked(topic.handover)
    judged_by = judged_by or by
    if person.pk in (judged_by.pk, by.pk):
        raise ValidationError({"judged_by": _("Nobody judges themselves: somebody else has to.")})
    if current.state == Handover.State.WITHDRAWN:
        raise ValidationError(_("This handover was withdrawn."))
    if not _belongs(current, person):
        raise ValidationError(_("%(person)s is not of the receiving team; name them there first.") % {"person": person})
    if fields.get("score") is not None and kind != Proof.Kind.QUIZ:
        raise ValidationError({"score": _("Only a quiz has a score.")})
    return Proof.objects.create(
        project_id=current.project_id,
        handover=current,
        topic=topic,
        person=person,
        passed=passed,
        kind=kind,
        judged_by=judged_by,
        recorded_by=by,
        at=at or timezone.now(),
        **fields,
    )


def _belongs(handover: Handover, person) -> bool:
    if handover.accepted_at and handover.product_id:
        return handover.product.memberships.filter(user=person).exclude(role="client").exists()
    return handover.learners.filter(user=person).exists()
