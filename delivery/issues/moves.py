"""The moves that an issue page offers: which form each needs, from which states, and the verb it calls."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.issues import answers, family, types
from delivery.issues.forms import DuplicateForm, KnownErrorForm, ParentForm, ReopenForm, ResolveForm, TextForm
from delivery.issues.models import Issue
from delivery.issues.problems.forms import OfIssueForm, link_problem
from delivery.issues.teams.forms import DeclineForm, HandOffForm
from delivery.issues.teams.models import HandOff
from delivery.moves import NotNow
from pmdm.ui.parts import Text


@dataclass(frozen=True)
class Move:
    """One button of the page; ``form`` builds what it asks for, None for nothing."""

    label: Text
    icon: str
    from_states: Sequence[str]
    act: Callable[[Issue, Any, dict], Any]
    done: Text
    form: Callable[..., forms.Form] | None = None
    # Offered only where this holds, besides the state.
    where: Callable[[Issue], bool] = lambda issue: True
    # Not among the buttons: the page offers it where what it is about is shown.
    in_place: bool = False
    # Its form looks at the issue.
    of_issue: bool = False

    @property
    def asks(self) -> bool:
        """Whether it needs a page with a form. For templates, which would call ``form`` to look at it."""
        return self.form is not None


def _question(*args, product, **kwargs):
    return TextForm(*args, label=_("Question to the customer"), **kwargs)


def _answer(*args, product, **kwargs):
    return TextForm(*args, label=_("What did the customer say?"), required=False, **kwargs)


def _why_declined(*args, product, **kwargs):
    return TextForm(*args, label=_("Why it will not be done"), **kwargs)


def _offer(issue) -> HandOff:
    """The hand-off that waits for an answer; NotNow where somebody was first."""
    offer = issue.hand_offs.waiting().first()
    if offer is None:
        raise NotNow(_("It is offered to no team any more."))
    return offer


MOVES: dict[str, Move] = {
    "take": Move(_("Take it"), "user", ("new",), lambda issue, by, _d: issue.take(by=by), _("It is yours now.")),
    "waiting": Move(
        _("Ask the customer"),
        "pause",
        ("new", "in_progress"),
        lambda issue, by, data: issue.wait_for_customer(by=by, text=data["text"]),
        _("The clock stands still until the customer answers."),
        _question,
    ),
    "resumption": Move(
        _("Resume"),
        "play",
        ("waiting",),
        lambda issue, by, data: issue.resume(by=by, text=data["text"]),
        _("The clock runs again."),
        _answer,
    ),
    "resolution": Move(
        _("Resolve"),
        "check",
        Issue.OPEN_STATES,
        lambda issue, by, data: family.resolve(issue, by=by, **data),
        _("Resolved."),
        ResolveForm,
        of_issue=True,
    ),
    "duplicate": Move(
        _("Duplicate"),
        "layers",
        Issue.OPEN_STATES,
        lambda issue, by, data: issue.mark_duplicate(data["of"], by=by),
        _("Closed as a duplicate."),
        DuplicateForm,
    ),
    "parent": Move(
        _("Parent"),
        "git-branch",
        Issue.OPEN_STATES,
        lambda issue, by, data: family.attach(issue, data["parent"], by=by),
        _("It follows its parent now."),
        ParentForm,
        where=lambda issue: issue.parent_id is None,
    ),
    "detachment": Move(
        _("Detach"),
        "unlink",
        (*Issue.OPEN_STATES, "resolved", "closed"),
        lambda issue, by, _d: family.detach(issue, by=by),
        _("It is something of its own."),
        in_place=True,
    ),
    "problem": Move(
        _("Problem"),
        "search",
        Issue.State.values,
        lambda issue, by, data: link_problem(issue, by=by, **data),
        _("Its problem is named."),
        OfIssueForm,
        where=lambda issue: issue.problem_id is None,
        of_issue=True,
    ),
    "known-error": Move(
        _("Known error"),
        "lightbulb",
        Issue.OPEN_STATES,
        lambda issue, by, data: issue.publish_known_error(by=by, **data),
        _("Reporters see the workaround before they file the same."),
        KnownErrorForm,
        where=lambda issue: issue.problem_id is None,
    ),
    "hand-off": Move(
        _("Hand over"),
        "arrow-right",
        Issue.OPEN_STATES,
        lambda issue, by, data: HandOff.offer(issue, by=by, **data),
        _("Handed over, or offered to the other team."),
        HandOffForm,
        where=lambda issue: issue.product.teams.current().exists(),
    ),
    "acceptance": Move(
        _("Accept"),
        "check",
        Issue.OPEN_STATES,
        lambda issue, by, _d: _offer(issue).accept(by=by),
        _("Your team has it now."),
        in_place=True,
    ),
    "refusal": Move(
        _("Decline"),
        "x",
        Issue.OPEN_STATES,
        lambda issue, by, data: _offer(issue).decline(by=by, **data),
        _("It stays where it was."),
        DeclineForm,
        in_place=True,
    ),
    "withdrawal": Move(
        _("Withdraw"),
        "undo-2",
        Issue.OPEN_STATES,
        lambda issue, by, _d: _offer(issue).withdraw(by=by),
        _("It is not offered any more."),
        in_place=True,
    ),
    "closure": Move(_("Close"), "archive", ("resolved",), lambda issue, by, _d: issue.close(by=by), _("Closed.")),
    "reopening": Move(
        _("Reopen"),
        "undo-2",
        ("resolved", "closed"),
        lambda issue, by, data: family.reopen(issue, by=by, **data),
        _("Open again; the clock continues from its creation."),
        ReopenForm,
        of_issue=True,
    ),
    "reopening-by-word": Move(
        _("It is more than thanks: open it again"),
        "undo-2",
        ("resolved", "closed"),
        lambda issue, by, _d: answers.take_up(issue, by=by),
        _("Open again; the clock continues from its creation."),
        where=lambda issue: issue.notes.filter(leaves_solved=True).exists(),
        in_place=True,
    ),
}


def _step(step: types.Step, kind: str) -> Move:
    """The move into a state that only one type has."""
    return Move(
        step.label,
        "circle-dot",
        Issue.OPEN_STATES,
        lambda issue, by, _d: issue.advance(step.name, by=by),
        _("Its state is changed."),
        where=lambda issue: issue.type == kind and step in types.TYPES[kind].following(issue.step),
    )


MOVES |= {
    f"step-{step.name}": _step(step, kind)
    for kind, each in types.TYPES.items()
    for step in each.steps
    if step.within == types.OPEN
}
MOVES["declination"] = Move(
    _("Decline the request"),
    "x",
    Issue.OPEN_STATES,
    lambda issue, by, data: issue.decline(by=by, reason=data["text"]),
    _("Declined; the customer reads why."),
    _why_declined,
    where=lambda issue: issue.type == Issue.Type.REQUEST,
)

# What stands beside the title; the others are in its menu. At most three of them fit one state.
USUAL = ("take", "waiting", "resumption", "resolution", "closure", "reopening")
# A client may say that it is not solved; everything else is work.
CLIENT_MOVES = ("reopening",)


def offered(issue: Issue, *, may_work: bool, is_reporter: bool) -> list[tuple[str, Move]]:
    """The moves possible from the issue's state for this reader."""
    return [
        (name, move)
        for name, move in MOVES.items()
        if not move.in_place
        and issue.state in move.from_states
        and (may_work or (is_reporter and name in CLIENT_MOVES))
        and move.where(issue)
    ]
