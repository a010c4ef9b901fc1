"""Pages of satisfaction: waves, their results, invitations."""

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from delivery.moves import NotNow
from delivery.products.access import product_view
from delivery.satisfaction import indices
from delivery.satisfaction.charts import satisfaction_trend
from delivery.satisfaction.forms import InvitationForm, SurveyForm
from delivery.satisfaction.models import Survey
from delivery.satisfaction.results import by_group, results_of, trend_of
from pmdm.accounts.models import Organisation
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import REFUSED
from pmdm.ui.lists import ListPage

COMMENTS = 50


def survey_page(request, product) -> ListPage:
    surveys = product.surveys.annotate(
        answered=Count("answers", distinct=True),
        invited=Count("invitations", distinct=True),
    )
    return ListPage(
        request, surveys, sorts={"opened": "opens_at", "name": "name", "answers": "answered"}, default_sort="-opened"
    )


def with_results(product, rows) -> list:
    """Puts the indices on each wave, in a constant number of queries."""
    rows = list(rows)
    found = dict(by_group(product.survey_answers.filter(survey__in=[row.pk for row in rows]), "survey"))
    nothing = results_of(product.survey_answers.none())
    for row in rows:
        row.results = found.get(row.pk, nothing)
    return rows


@product_view(read=P.SURVEY_VIEW)
def survey_list(request, product):
    """All waves with their results, and the trend."""
    page = survey_page(request, product)
    with_results(product, page.rows)
    context = {
        "product": product,
        "tab": "satisfaction",
        "page": page,
        "trend": satisfaction_trend(trend_of(product)["waves"]),
    }
    return render(request, "delivery/satisfaction/list.html", context)


@product_view(read=P.SURVEY_EDIT, write=P.SURVEY_EDIT)
def survey_new(request, product):
    """Open a wave; invitations come next."""
    form = SurveyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        survey = Survey.open_wave(product, by=request.user, **form.cleaned_data)
        messages.success(request, _("The survey is open. Now say whom to ask."))
        return redirect("delivery:survey-detail", product.code, survey.pk)
    context = {"product": product, "tab": "satisfaction", "form": form}
    return render(request, "delivery/satisfaction/new.html", context, status=REFUSED if form.is_bound else 200)


@product_view(read=P.SURVEY_VIEW, write=P.SURVEY_EDIT)
def survey_detail(request, product, pk):
    """Results of one wave; POST invites people."""
    survey = get_object_or_404(product.surveys.select_related("created_by"), pk=pk)
    form = InvitationForm(request.POST or None, product=product)
    status = 200
    if request.method == "POST":
        if form.is_valid() and survey.is_open:
            made = survey.invite(form.people(), by=request.user)
            messages.success(
                request,
                ngettext("%(n)s person is asked.", "%(n)s people are asked.", len(made)) % {"n": len(made)},
            )
            return redirect("delivery:survey-detail", product.code, pk)
        if form.is_valid():
            form.add_error(None, _("This survey is closed: nobody can answer any more."))
        status = REFUSED
    answers = survey.answers.all()
    invited = survey.invitations.aggregate(
        all=Count("pk"),
        sent=Count("pk", filter=~Q(sent_at=None)),
        answered=Count("answer"),
    )
    clients = {row.pk: row for row in Organisation.objects.filter(pk__in=survey.invitations.values("organisation"))}
    splits = [
        (clients[key], results)
        for key, results in by_group(answers.exclude(invitation__organisation=None), "invitation__organisation")
        if key in clients
    ]
    context = {
        "product": product,
        "tab": "satisfaction",
        "survey": survey,
        "form": form,
        "results": results_of(answers),
        "answer_count": answers.count(),
        "invited": invited,
        "rate": indices.response_rate(invited["answered"], invited["sent"]),
        "splits": sorted(splits, key=lambda split: split[0].name),
        "comments": answers.exclude(comment="")[:COMMENTS],
        "invitations": survey.invitations.select_related("organisation", "answer", "survey")[:200],
    }
    return render(request, "delivery/satisfaction/detail.html", context, status=status)


@product_view(read=P.SURVEY_VIEW, write=P.SURVEY_EDIT)
def survey_closure(request, product, pk):
    """No more answers (POST)."""
    survey = get_object_or_404(product.surveys, pk=pk)
    if request.method == "POST":
        try:
            survey.close(by=request.user)
            messages.success(request, _("The survey is closed."))
        except NotNow as error:
            messages.warning(request, error.message)
    return redirect("delivery:survey-detail", product.code, pk)


@product_view(read=P.SURVEY_VIEW, write=P.SURVEY_EDIT)
def invitation_revocation(request, product, pk, invitation):
    """The link of one person stops working (POST)."""
    survey = get_object_or_404(product.surveys, pk=pk)
    row = get_object_or_404(survey.invitations, pk=invitation)
    if request.method == "POST":
        row.revoke(by=request.user)
        messages.success(request, _("The link of %s no longer works.") % row.email)
    return redirect("delivery:survey-detail", product.code, pk)
