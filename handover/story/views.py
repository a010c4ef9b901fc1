"""The two halves of one story side by side: how the project did, how the product does."""

from django.shortcuts import render

from delivery.models import Product
from handover.story import thread
from pmdm.accounts.roles import Permission
from pmdm.kpis import figures
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
        "project_figures": figures.for_subject("project", project.pk, user=request.user),
        "product_figures": figures.for_subject("product", product.pk, user=request.user) if may_see else [],
        "moments": thread.moments(project, product if may_see else None),
        "promises": thread.promises(project, can_see_product=may_see),
        "can": request.can,
    }
    return render(request, "handover/story.html", context)
