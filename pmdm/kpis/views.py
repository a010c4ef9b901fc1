"""The home page, and the limits behind the lights."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pmdm.accounts.access import may_on_site, signed_in_view, site_view
from pmdm.accounts.roles import Permission
from pmdm.kpis.forms import threshold_forms
from pmdm.kpis.portfolio import Portfolio, lines_for


@signed_in_view
def portfolio(request):
    """All projects and products one may see, with their figures and lights."""
    page = Portfolio(request)
    # Of a past day only what stood there then: no way to begin something, no lines about today.
    may_create = not page.day and may_on_site(request.user, Permission.PROJECT_CREATE)
    context = {"page": page, "may_create": may_create, "lines": [] if page.day else lines_for(request.user)}
    return render(request, "kpis/portfolio.html", context)


@site_view(read=Permission.SITE_KPIS, write=Permission.SITE_KPIS)
def thresholds(request):
    """Target, amber and red limit of every KPI; a change computes all figures again."""
    groups = threshold_forms(request.POST or None)
    if request.method == "POST":
        forms = [form for group in groups for form in group.forms]
        if all([form.is_valid() for form in forms]):  # noqa: C419 - each says what is wrong with it
            if any([form.save() for form in forms]):  # noqa: C419 - each is saved
                from pmdm.kpis.recompute import mark_all_dirty

                mark_all_dirty()
                messages.success(request, _("Saved. All figures are being computed again."))
            else:
                messages.info(request, _("Nothing was changed."))
            return redirect("kpis:thresholds")
    invalid = request.method == "POST"
    return render(request, "kpis/thresholds.html", {"groups": groups}, status=422 if invalid else 200)
