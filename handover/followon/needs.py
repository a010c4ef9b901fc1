"""A complaint that is a new need: asked for with one click, filled from it, and what became of that in plain words."""

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.complaints.hooks import Became, Need, Offer
from delivery.models import Complaint
from delivery.moves import NotNow
from delivery.search import visible_issues
from handover.followon.models import FollowOn, NeedAsked
from handover.transfer.models import Handover
from pmdm.accounts.roles import Permission as P
from pmdm.accounts.roles import Role
from projects.models import ChangeRequest, InitiationRequest, Membership, Project
from projects.origins import Origin

TIES = ("request__project", "change__project", "complaint__issue", "product")


def running(product, user, organisation) -> list[Project]:
    """Projects that handed the product over, still run, and in which this reader may ask for a change.

    People of a client read the changes of their project: one that another client's people are on is left out.
    """
    came = Handover.objects.filter(product=product, state__in=Handover.ACCEPTED_STATES).values("project")
    mine = organisation and organisation.pk
    others = Membership.objects.filter(role=Role.CLIENT)
    if mine:
        others = others.exclude(user__organisation=mine)
    may = Project.objects.allowing(user, P.CHANGE_RAISE).filter(Q(client=None) | Q(client=mine))
    return list(
        may.filter(pk__in=came, state__in=Project.OPEN_STATES).exclude(pk__in=others.values("project")).order_by("code")
    )


def words_of(complaint) -> dict:
    """What a request or a change says, from the complaint; it names no client."""
    issue, requirement = complaint.issue, complaint.requirement
    parts = [
        _("%(ref)s of %(product)s, a complaint, turned out to be a new need.")
        % {"ref": issue.ref, "product": issue.product.name},
        _("What the customer says:") + "\n" + (issue.description or issue.title),
        _("Why it is a new need:") + "\n" + complaint.reasoning,
    ]
    if requirement:
        parts.append(_("What was accepted: %(ref)s %(title)s") % {"ref": requirement.ref, "title": requirement.title})
    return {"title": issue.title[:200], "reason": "\n\n".join(parts)}


@transaction.atomic
def ask_for(complaint, *, by, project=None, at=None) -> InitiationRequest | ChangeRequest:
    """A draft of this person: of a project, or with ``project`` of a change to it. NotNow where somebody was first."""
    at = at or timezone.now()
    # Two clicks at once: the second finds the first one's.
    locked = Complaint.objects.select_for_update(of=("self",), no_key=True).get(pk=complaint.pk)
    if locked.verdict != Complaint.Verdict.NEW_NEED:
        raise NotNow(_("Only what is judged as a new need is asked for."))
    if NeedAsked.objects.filter(complaint=locked).exists():
        raise NotNow(_("It is asked for already."))
    complaint.verdict, complaint.reasoning = locked.verdict, locked.reasoning
    words = words_of(complaint)
    asked: InitiationRequest | ChangeRequest
    request = change = None
    if project is None:
        asked = request = InitiationRequest.objects.create(
            asked_by=by,
            created_at=at,
            name=words["title"],
            reason=words["reason"],
            results=complaint.issue.title,
            client=complaint.issue.organisation,
        )
    else:
        asked = change = project.change_requests.create(
            created_by=by, created_at=at, requester=by, title=words["title"], reason=words["reason"],
            source=ChangeRequest.Source.CLIENT,
        )  # fmt: skip
    product = complaint.issue.product
    NeedAsked.objects.create(product=product, complaint=locked, request=request, change=change, by=by, at=at)
    if request:
        FollowOn.objects.create(product=product, request=request, by=by, at=at)
    return asked


def tell(complaint, user, may_work: bool) -> Need:
    """What came of it, and, for who works on it, ways to ask for it."""
    tie = NeedAsked.objects.filter(complaint=complaint).select_related(*TIES).first() if complaint.pk else None
    offers = []
    if may_work and tie is None:
        issue = complaint.issue
        url = reverse("handover:need", args=[issue.product.code, issue.number])
        offers = [
            Offer(_("Ask for a change of %(project)s") % {"project": project.name}, url, {"project": project.code})
            for project in running(issue.product, user, issue.organisation)
        ]
        offers.append(Offer(_("Ask for a project"), url))
    return Need(became(tie, user), offers)


def became(tie: NeedAsked | None, user, seen: set[int] | None = None) -> Became:
    """Words for everybody who may read the complaint, a client too; names and links only for who may open them.

    ``seen``: the projects that this reader may see, where many are asked about at once.
    """
    if tie is None:
        return Became("na", _("It is noted as a new need; nothing is decided yet."))
    if tie.change:
        status, word = _of_change(tie.change)
        project = tie.change.project
        readable = ChangeRequest.objects.filter(pk=tie.change_id)
        if (
            _sees(project, user, seen)
            and project.allows(user, P.CHANGE_VIEW)
            and (readable.readable_by(project, user).exists())
        ):
            return Became(status, word, tie.at, str(tie.change), tie.change.get_absolute_url())
        return Became(status, word, tie.at)
    request = tie.request
    status, word = _of_request(request)
    if request.project and _sees(request.project, user, seen):
        return Became(status, word, tie.at, request.project.name, request.project.get_absolute_url())
    if user.organisation_id is None and InitiationRequest.objects.visible_to(user).filter(pk=request.pk).exists():
        return Became(status, word, tie.at, f"{request.ref} {request.name}", request.get_absolute_url())
    return Became(status, word, tie.at)


def _sees(project, user, seen) -> bool:
    if seen is not None:
        return project.pk in seen
    return Project.objects.visible_to(user).filter(pk=project.pk).exists()


def _of_request(request) -> tuple[str, str]:
    if request.project:
        return {
            "cancelled": ("na", _("It became a project, which was cancelled.")),
            "closed": ("ok", _("It became a project, which is finished.")),
        }.get(request.project.state, ("ok", _("It has become a project.")))
    if request.state == "submitted":
        return "watch", _("It is asked for as a project; the decision is open.")
    return "watch", _("It is being written up as a request for a project.")


def _of_change(change) -> tuple[str, str]:
    return {
        "draft": ("watch", _("It is being written up as a change to the running project.")),
        "submitted": ("watch", _("It is asked for as a change; the decision is open.")),
        "assessment": ("watch", _("It is asked for as a change; the decision is open.")),
        "deferred": ("watch", _("The decision is put off.")),
        "approved": ("ok", _("It is agreed as a change and will be carried out.")),
        "implemented": ("ok", _("It was agreed as a change and is carried out.")),
        "rejected": ("na", _("It will not be done.")),
        "withdrawn": ("na", _("The request was taken back.")),
    }[change.state]


def origin(row, user):
    """For the page of a request or a change: the complaint, and the product, that it came from."""
    if isinstance(row, InitiationRequest):
        ties, follow = NeedAsked.objects.filter(request=row), FollowOn.objects.filter(request=row)
    else:
        ties, follow = NeedAsked.objects.filter(change=row), FollowOn.objects.none()
    for tie in ties.select_related(*TIES):
        issue = tie.complaint.issue
        # Those who may not read the complaint are not told of it either.
        if visible_issues(user).filter(pk=issue.pk).exists():
            url = reverse("delivery:complaint", args=[tie.product.code, issue.number])
            yield Origin(_("Complaint %(ref)s %(title)s") % {"ref": issue.ref, "title": issue.title}, url)
    for each in follow.select_related("product"):
        product = each.product
        if type(product).objects.visible_to(user).filter(pk=product.pk).exists():
            yield Origin(product.name, product.get_absolute_url())


def told_at_home(reader, issues) -> list[tuple[Complaint, Became]]:
    """New needs among these issues with what became of each, latest first; a fixed number of queries."""
    found = Complaint.objects.current().filter(verdict=Complaint.Verdict.NEW_NEED, issue__in=issues)
    rows = list(found.select_related("issue__product").order_by("-judged_at", "-pk")[:SHOWN])
    ties = {tie.complaint_id: tie for tie in NeedAsked.objects.filter(complaint__in=rows).select_related(*TIES)}
    seen = set(Project.objects.visible_to(reader).values_list("pk", flat=True)) if ties else set()
    return [(row, _plain(became(ties.get(row.pk), reader, seen))) for row in rows]


SHOWN = 5


def _plain(one: Became) -> Became:
    """Without links: a home may be looked at with another's eyes."""
    return Became(one.status, one.word, one.at)
