"""The search box: jumps to a number, else shows what the words find."""

from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from pmdm.accounts.access import signed_in_view
from pmdm.ui import search as everything

IN_PALETTE, ON_PAGE = 5, 25


@require_safe
@signed_in_view
def search(request):
    text = request.GET.get("q", "").strip()[: everything.LONGEST]
    exact = everything.exact(request.user, text) if text else []
    if len(exact) == 1 and not request.htmx:
        return redirect(exact[0].url)
    groups = everything.find(request.user, text, IN_PALETTE if request.htmx else ON_PAGE)
    template = "search/results.html" + ("#search-results" if request.htmx else "")
    return render(request, template, {"q": text, "exact": exact, "groups": groups})
