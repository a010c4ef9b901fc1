"""Pages of environments and components, and what breaks if one of them fails."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from delivery.products.access import product_view
from delivery.products.landscape import engine
from delivery.products.landscape.drawing import graph
from delivery.products.landscape.forms import (
    ComponentForm,
    ComponentNewForm,
    DependencyForm,
    DeployForm,
    EnvironmentForm,
    EnvironmentNewForm,
)
from delivery.products.landscape.models import Component, Dependency, Environment, links_of_all
from delivery.products.models import Product
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import REFUSED, SAVED, attempt
from pmdm.ui.lists import ListPage

# --- Environments -----------------------------------------------------------------------------------------


@product_view(read=P.PRODUCT_EDIT, write=P.PRODUCT_EDIT)
def environment_new(request, product):
    """One more place where it runs."""
    form = EnvironmentNewForm(request.POST or None, product=product)
    if request.method == "POST" and form.is_valid():
        row = Environment.objects.create(product=product, **form.cleaned_data)
        messages.success(request, _("%s is on record.") % row)
        return redirect("delivery:environment-detail", product.code, row.pk)
    context = {"product": product, "tab": "record", "form": form, "title": _("New environment")}
    return render(request, "delivery/record/form.html", context, status=REFUSED if form.is_bound else 200)


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_EDIT)
def environment_detail(request, product, pk):
    """The version on it now and all before it; POST edits its facts."""
    row = _environment(product, pk)
    form = EnvironmentForm(request.POST or None, instance=row, product=product)
    status = 200
    if request.method == "POST":
        status = attempt(form, form.save_changes)
        if status == SAVED:
            messages.success(request, _("Saved."))
            return redirect("delivery:environment-detail", product.code, pk)
    return _environment_page(request, product, row, form=form, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.RELEASE_EDIT)
def environment_deployments(request, product, pk):
    """Record that a version came onto it (POST)."""
    row = _environment(product, pk)
    if request.method != "POST":
        return redirect("delivery:environment-detail", product.code, pk)
    form = DeployForm(request.POST, product=product)
    status = attempt(form, lambda: row.deploy(by=request.user, **form.cleaned_data))
    if status == SAVED:
        messages.success(
            request,
            _("%(version)s is on %(environment)s.")
            % {"version": form.cleaned_data["release"], "environment": row.name},
        )
        return redirect("delivery:environment-detail", product.code, pk)
    return _environment_page(request, product, row, deploy_form=form, status=status)


def _environment(product, pk):
    rows = product.environments.with_version().select_related("organisation")
    return get_object_or_404(rows, pk=pk)


def _environment_page(request, product, row, *, form=None, deploy_form=None, status=200):
    page = ListPage(
        request,
        row.deployments.select_related("release", "by"),
        sorts={"when": "at"},
        default_sort="-when",
    )
    context = {
        "product": product,
        "tab": "record",
        "row": row,
        "page": page,
        "form": form or EnvironmentForm(instance=row, product=product),
        "deploy_form": deploy_form or DeployForm(product=product),
    }
    return render(request, "delivery/record/environment.html", context, status=status)


# --- Components -------------------------------------------------------------------------------------------


@product_view(read=P.INTERNAL_VIEW)
def component_list(request, product):
    """What it is made of and needs: the drawing and its table."""
    links = links_of_all()
    own = {row.pk: row for row in product.components.select_related("owner")}
    around = _seen(request.user, {key for link in links for key in link[:2] if _touches(link, own)} - own.keys())
    names = {pk: row.name for pk, row in own.items()} | {
        pk: f"{row.name} ({row.product.code})" for pk, row in around.items()
    }
    rows = [{"row": row, "hits": len(engine.effects(links, row.pk))} for row in own.values()]
    rows.sort(key=lambda entry: (-entry["hits"], entry["row"].name))
    context = {"product": product, "tab": "record", "rows": rows, "figure": graph(names, links)}
    return render(request, "delivery/record/components.html", context)


def _touches(link, own) -> bool:
    return link[0] in own or link[1] in own


def _seen(reader, keys) -> dict[int, Component]:
    """Components of other products that the reader may know of."""
    seen = Product.objects.allowing(reader, P.INTERNAL_VIEW)
    return {row.pk: row for row in Component.objects.filter(pk__in=keys, product__in=seen).select_related("product")}


@product_view(read=P.PRODUCT_EDIT, write=P.PRODUCT_EDIT)
def component_new(request, product):
    """One more part."""
    form = ComponentNewForm(request.POST or None, product=product)
    if request.method == "POST" and form.is_valid():
        row = Component.objects.create(product=product, **form.cleaned_data)
        messages.success(request, _("%s is on record.") % row)
        return redirect("delivery:component-detail", product.code, row.pk)
    context = {"product": product, "tab": "record", "form": form, "title": _("New component")}
    return render(request, "delivery/record/form.html", context, status=REFUSED if form.is_bound else 200)


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_EDIT)
def component_detail(request, product, pk):
    """What breaks if it fails, and what it needs; POST edits its facts."""
    row = _component(product, pk)
    form = ComponentForm(request.POST or None, instance=row, product=product)
    status = 200
    if request.method == "POST":
        status = attempt(form, form.save_changes)
        if status == SAVED:
            messages.success(request, _("Saved."))
            return redirect("delivery:component-detail", product.code, pk)
    return _component_page(request, product, row, form=form, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_EDIT)
def component_dependencies(request, product, pk):
    """It needs one more (POST)."""
    row = _component(product, pk)
    if request.method != "POST":
        return redirect("delivery:component-detail", product.code, pk)
    form = DependencyForm(request.POST, component=row, reader=request.user)
    status = attempt(form, lambda: row.depend_on(by=request.user, **form.cleaned_data))
    if status == SAVED:
        messages.success(request, _("%(who)s needs %(what)s.") % {"who": row, "what": form.cleaned_data["needs"]})
        return redirect("delivery:component-detail", product.code, pk)
    return _component_page(request, product, row, needs_form=form, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_EDIT)
def dependency_removal(request, product, pk, link):
    """It needs that no more (POST)."""
    row = get_object_or_404(Dependency, product=product, who=pk, pk=link)
    if request.method == "POST":
        row.delete()
        messages.success(request, _("Removed."))
    return redirect("delivery:component-detail", product.code, pk)


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_EDIT)
def component_removal(request, product, pk):
    """Take a component out (POST); refused while others need it."""
    row = _component(product, pk)
    if request.method != "POST":
        return redirect("delivery:component-detail", product.code, pk)
    try:
        row.remove(by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _component_page(request, product, _component(product, pk), status=REFUSED)
    messages.success(request, _("%s is removed.") % row)
    return redirect("delivery:component-list", product.code)


def _component(product, pk):
    return get_object_or_404(product.components.select_related("owner"), pk=pk)


def _component_page(request, product, row, *, form=None, needs_form=None, status=200):
    links = links_of_all()
    found = engine.effects(links, row.pk)
    own = dict(product.components.values_list("pk", "name"))
    others = _seen(request.user, {*found, *(key for link in links for key in link[:2] if row.pk in link[:2])} - {*own})
    names = own | {pk: f"{other.name} ({other.product.code})" for pk, other in others.items()}
    effects = [
        {
            "name": names[key],
            "url": key in own and key,
            "breaks": effect.breaks,
            "path": " ← ".join(names.get(step, "…") for step in effect.path),
        }
        for key, effect in found.items()
        if key in names
    ]
    shown = {row.pk, *found, *(needs for who, needs, _hard in links if who == row.pk)} & names.keys()
    context = {
        "product": product,
        "tab": "record",
        "row": row,
        "effects": effects,
        "unseen": len(found) - len(effects),
        "figure": graph({key: names[key] for key in shown}, links, failed=row.pk, hit=found),
        "needs": [
            {"link": link, "name": names.get(link.needs_id, _("A component of another product"))}
            for link in row.dependencies.all()
        ],
        "form": form or ComponentForm(instance=row, product=product),
        "needs_form": needs_form or DependencyForm(component=row, reader=request.user),
    }
    return render(request, "delivery/record/component.html", context, status=status)
