"""The pages of knowledge transfer: the matrix, its topics, sessions and materials; what a product's people know."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from delivery.products.access import product_view
from handover import around
from handover.knowledge import matrix, verbs
from handover.knowledge.forms import LearnerForm, MaterialForm, ProofForm, SessionForm, TopicEditForm, TopicForm
from handover.knowledge.models import Topic
from handover.transfer.access import handover_view
from pmdm.accounts.models import User
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt

VIEW, EDIT = P.HANDOVER_VIEW, P.HANDOVER_EDIT


def _page(request, project, handover, *, learner=None, refused=None, status=200):
    may = request.can["handover_edit"] and handover.is_editable
    open_record = handover.state in verbs.RUNNING
    context = around.page(
        request, project, handover, "knowledge",
        matrix=matrix.of_handover(handover),
        may_edit=may,
        may_prove=request.can["handover_edit"] and open_record,
        learners=list(handover.learners.select_related("user")) if may else [],
        learner_form=(learner or LearnerForm()) if may else None,
        refused=refused,
        sessions=handover.training_sessions.select_related("leader").prefetch_related(
            "topics", "attendees", "materials"
        ),
        materials=handover.materials.select_related("topic", "file", "added_by"),
    )  # fmt: skip
    return render(request, "handover/knowledge/knowledge.html", context, status=status)


@handover_view(read=VIEW, write=EDIT)
def knowledge(request, project, handover):
    """Who knows what; POST adds the standard topics."""
    if request.method == "POST":
        form, added = forms.Form(request.POST), []
        status = attempt(form, lambda: added.append(verbs.add_standard_topics(handover, by=request.user)))
        if status != SAVED:
            return _page(request, project, handover, refused=form, status=status)
        text = ngettext("%(n)s topic added.", "%(n)s topics added.", added[0]) % {"n": added[0]}
        messages.success(request, text)
        return redirect("handover:knowledge", project.code, handover.number)
    return _page(request, project, handover)


@require_POST
@handover_view(read=VIEW, write=EDIT)
def learners(request, project, handover):
    """Name a person of the receiving team."""
    form = LearnerForm(request.POST)
    status = attempt(form, lambda: verbs.add_learner(handover, form.cleaned_data["user"], by=request.user))
    if status == SAVED:
        return redirect("handover:knowledge", project.code, handover.number)
    return _page(request, project, handover, learner=form, status=status)


@require_POST
@handover_view(read=VIEW, write=EDIT)
def learner_removal(request, project, handover, pk):
    learner = get_object_or_404(handover.learners, pk=pk)
    return _do(request, project, handover, lambda: verbs.remove_learner(learner, by=request.user))


@handover_view(read=EDIT, write=EDIT)
def topic_new(request, project, handover):
    form = TopicForm(request.POST or None)
    return _form(
        request,
        project,
        handover,
        form,
        _("New topic"),
        lambda: verbs.add_topic(handover, by=request.user, **form.cleaned_data),
    )


@handover_view(read=EDIT, write=EDIT)
def topic_edit(request, project, handover, pk):
    topic = get_object_or_404(handover.topics, pk=pk)
    topic.handover = handover
    form = TopicEditForm(request.POST or None, instance=topic)
    form.instance.handover = handover
    return _form(
        request,
        project,
        handover,
        form,
        topic.title,
        lambda: form.save_changes(by=request.user),
        removal="topic-removal",
        pk=pk,
    )


@require_POST
@handover_view(read=VIEW, write=EDIT)
def topic_removal(request, project, handover, pk):
    topic = get_object_or_404(handover.topics, pk=pk)
    return _do(request, project, handover, lambda: verbs.remove_topic(topic, by=request.user))


@handover_view(read=EDIT, write=EDIT)
def material_new(request, project, handover):
    form = MaterialForm(request.POST or None, request.FILES or None, handover=handover)
    return _form(
        request,
        project,
        handover,
        form,
        _("New document"),
        lambda: verbs.add_material(handover, by=request.user, **form.cleaned_data),
    )


@require_POST
@handover_view(read=VIEW, write=EDIT)
def material_removal(request, project, handover, pk):
    material = get_object_or_404(handover.materials, pk=pk)
    return _do(request, project, handover, lambda: verbs.remove_material(material, by=request.user))


@handover_view(read=EDIT, write=EDIT)
def session_new(request, project, handover):
    form = SessionForm(request.POST or None, handover=handover, initial={"leader": request.user})
    return _form(
        request,
        project,
        handover,
        form,
        _("New session"),
        lambda: verbs.hold_session(handover, by=request.user, **form.cleaned_data),
    )


@handover_view(read=VIEW, write=EDIT)
def proof(request, project, handover, pk, person):
    """What one person showed about one topic; POST records a new proof."""
    topic = get_object_or_404(handover.topics, pk=pk)
    topic.handover = handover
    user = get_object_or_404(User, pk=person, pk__in=handover.learners.values("user"))
    may = request.can["handover_edit"] and handover.state in verbs.RUNNING and user != request.user
    context = around.page(request, project, handover, "knowledge", topic=topic, person=user)
    return _proof_page(request, context, topic, user, may, around.url_of(handover, "knowledge"))


def _proof_page(request, context, topic, user, may, back):
    form = ProofForm(request.POST or None, person=user, by=request.user)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: verbs.prove(topic, user, by=request.user, **form.cleaned_data))
        if status == SAVED:
            return redirect(back)
    context |= {
        "form": form if may or status != 200 else None,
        "proofs": topic.proofs.filter(person=user).select_related("judged_by").order_by("-at", "-pk"),
        "sessions": topic.sessions.filter(attendees=user).select_related("leader"),
        "back": back,
    }
    return render(request, "handover/knowledge/proof.html", context, status=status)


def _do(request, project, handover, verb):
    return around.do(request, project, handover, "knowledge", verb, _page)


def _form(request, project, handover, *form, **removal):
    return around.row_form(request, project, handover, "knowledge", *form, **removal)


# --- The product, after go-live ---


@product_view(read=P.INTERNAL_VIEW)
def product_knowledge(request, product):
    """What the product's people know today."""
    found = matrix.of_product(product)
    context = {"product": product, "tab": "knowledge", "matrix": found, "can": request.can}
    return render(request, "handover/knowledge/product.html", context)


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_EDIT)
def product_proof(request, product, pk, person):
    """A proof given after go-live, by somebody who joined later or once more."""
    topic = get_object_or_404(
        Topic.objects.select_related("handover", "project"),
        pk=pk,
        handover__product=product,
        handover__accepted_at__isnull=False,
    )
    user = get_object_or_404(
        User, pk=person, pk__in=product.memberships.filter(role__in=matrix.TEAM_ROLES).values("user")
    )
    context = {"product": product, "tab": "knowledge", "topic": topic, "person": user, "can": request.can}
    may = request.can["product_edit"] and user != request.user
    return _proof_page(request, context, topic, user, may, reverse("handover:product-knowledge", args=[product.code]))
