"""Topics × people of one handover or one product, in a fixed number of queries."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from handover import hooks
from handover.knowledge.coverage import Cover, Need, coverage, percent
from handover.knowledge.models import Proof, Topic, TrainingSession
from handover.transfer.models import Handover
from pmdm.accounts.models import User
from pmdm.accounts.roles import Role

TEAM_ROLES = (Role.DELIVERY_MANAGER, Role.SUPPORT, Role.MEMBER)


@dataclass
class Cell:
    """What one person has done about one topic: the last proof, and how they met it before."""

    person: User
    proof: Proof | None = None
    seen: set[str] = field(default_factory=set)

    @property
    def word(self) -> str:
        if self.proof:
            return str(self.proof.get_kind_display())
        names = dict(TrainingSession.Kind.choices)
        order = [kind for kind in ("reverse", "shadow", "session") if kind in self.seen]
        return str(names[order[0]]) if order else ""

    @property
    def status(self) -> str:
        """proven, failed, met (was there, has not proven it) or none."""
        if self.proof:
            return "proven" if self.proof.passed else "failed"
        return "met" if self.seen else "none"


@dataclass
class Row:
    topic: Topic
    cover: Cover
    cells: list[Cell]


@dataclass
class Matrix:
    people: list[User]
    rows: list[Row]

    @property
    def percent(self) -> float | None:
        return percent([row.cover for row in self.rows])

    @property
    def covered(self) -> int:
        return sum(row.cover.is_covered for row in self.rows)

    @property
    def blocking(self) -> list[Row]:
        """Critical topics without enough proof."""
        return [row for row in self.rows if row.cover.blocks]


def of_handover(handover: Handover) -> Matrix:
    """The receiving team as it was named for the handover."""

    def read() -> Matrix:
        people = [row.user for row in handover.learners.select_related("user").order_by("user__name", "pk")]
        return _matrix([handover.pk], people)

    return hooks.once(handover, "knowledge", read)


def of_product(product) -> Matrix:
    """What the product's people know today: who left no longer counts, whatever they had proven."""
    accepted = Handover.objects.filter(product=product, accepted_at__isnull=False).values_list("pk", flat=True)
    people = User.objects.filter(
        pk__in=product.memberships.filter(role__in=TEAM_ROLES).values("user"), is_active=True
    ).order_by("name", "pk")
    return _matrix(list(accepted), list(people))


def _matrix(handovers: list[int], people: list[User]) -> Matrix:
    topics = list(Topic.objects.filter(handover__in=handovers).select_related("project", "handover"))
    if not topics:
        return Matrix(people, [])
    proofs = list(Proof.objects.filter(handover__in=handovers).select_related("judged_by").order_by("at", "pk"))
    covers = coverage(
        [Need(topic.pk, topic.is_critical, topic.needed) for topic in topics],
        [(proof.topic_id, proof.person_id, proof.passed) for proof in proofs],
        {person.pk for person in people},
    )
    last = {(proof.topic_id, proof.person_id): proof for proof in proofs}
    seen: dict[tuple[int, int], set[str]] = {}
    met = TrainingSession.objects.filter(handover__in=handovers).values_list("topics", "attendees", "kind")
    for topic, person, kind in met:
        seen.setdefault((topic, person), set()).add(kind)
    rows = [
        Row(
            topic,
            covers[topic.pk],
            [
                Cell(person, last.get((topic.pk, person.pk)), seen.get((topic.pk, person.pk), set()))
                for person in people
            ],
        )
        for topic in topics
    ]
    return Matrix(people, rows)


def gap_sentence(row: Row) -> str:
    """“Monitoring and alerts” needs proof from 1 more person."""
    return _("“%(topic)s” is critical and needs proof of %(n)s more of the receiving team.") % {
        "topic": row.topic,
        "n": row.cover.missing,
    }
