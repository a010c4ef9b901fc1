"""The survey by link: no sign-in, one answer. GET shows, POST answers."""

from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from delivery.moves import NotNow
from delivery.satisfaction.forms import AnswerForm
from delivery.satisfaction.models import Invitation
from delivery.satisfaction.tokens import hash_of
from pmdm.accounts.access import public_view

# What the page answers when there is nothing to fill in. Somebody who answered is welcome, not an error.
STATUS = {"unknown": 404, "answered": 200, "expired": 410, "revoked": 410}


@public_view
def survey_answer(request, token):
    """Show the questions, take the answer once; friendly when the link is spent, old or unknown."""
    invitations = Invitation.objects.select_related("survey__product", "answer")
    invitation = invitations.filter(token_hash=hash_of(token)).first()
    if invitation is None:
        return _over(request, None, "unknown")
    if invitation.state != Invitation.State.OPEN:
        return _over(request, invitation, invitation.state)
    form = AnswerForm(request.POST or None, question=invitation.survey.question)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                invitation.take_answer(**form.cleaned_data)
            except NotNow:
                # Sent twice at once: the first counted.
                fresh = invitations.get(pk=invitation.pk)
                return _over(request, fresh, fresh.state)
            return _page(request, "public/survey_thanks.html", {"invitation": invitation})
        status = 422
    context = {"invitation": invitation, "form": form, "survey": invitation.survey}
    return _page(request, "public/survey.html", context, status)


def _over(request, invitation, state):
    context = {"invitation": invitation, "state": state}
    return _page(request, "public/survey_over.html", context, STATUS[state])


def _page(request, template, context, status=200):
    response = render(request, template, context, status=status)
    # The token is in the address: neither caches nor other sites may learn it. Not "no-referrer": a browser then sends
    # its form with "Origin: null", which the protection against forged requests must refuse.
    add_never_cache_headers(response)
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
