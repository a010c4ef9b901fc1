"""The two halves of one story side by side: how the project did, how the product does."""

from django.shortcuts import get_object_or_404, render

from delivery.models import Product
from handover.story import continuity, thread
from pmdm.accounts.roles import Permission
from pmdm.kpis import figures
from projects.lifecycle import track
from projects.lifecycle.access import project_view


@project_view(read=Permission.PROJECT_KPI_VIEW)
def story(request, project):
    product = thread.delivered_product(project)
    may_see = bool(
        product and Product.objects.allowing(request.user, Permission.PRODUCT_KPI_VIEW).filter(pk=product.pk).exists()
    )
    context = {
        "project": project,
        "product": product if may_see else None,
        "hidden_product": product if product and not may_see else None,
        "track": track.steps(project, request.user, links=Permission.PROJECT_ACTIVITY_VIEW in request.can),
        "objectives": list(project.objectives.all()),
        "project_figures": figures.for_subject("project", project.pk, user=request.user),
        "product_figures": figures.for_subject("product", product.pk, user=request.user) if may_see else [],
        "moments": thread.moments(project, product if may_see else None),
        "promises": thread.promises(project, can_see_product=may_see),
        "can": request.can,
        "closed": continuity.at_close(project, request.user),
    }
    if may_see:
        since = thread.responsible_since(project)
        context["looks"], context["continuity"] = continuity.after(product, since, request.user)
    return render(request, "handover/story.html", context)


@project_view(read=Permission.PROJECT_KPI_VIEW)
def requirement_thread(request, project, number):
    """One requirement from its text to the issues of today, every step a link; the product's page leads back here."""
    requirement = get_object_or_404(project.requirements.select_related("owner", "approved_by"), number=number)
    product = None
    link = thread.link_of(requirement)
    if link and Product.objects.allowing(request.user, Permission.INTERNAL_VIEW).filter(pk=link.target.product_id):
        product = link.target.product
    context = {
        "project": project,
        "requirement": requirement,
        "criteria": list(requirement.criteria.select_related("checked_by", "file").order_by("position", "pk")),
        "lines": thread.lines_of(requirement) if Permission.HANDOVER_VIEW in request.can else [],
        "link": link,
        "product": product,
        "live": thread.live(link) if product else None,
        "can": request.can,
    }
    return render(request, "handover/thread.html", context)
