"""The living style guide: every part with easy and awkward content. Only where nobody's data is at stake."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import render

from pmdm.accounts.access import public_view
from pmdm.ui import guide as samples


def _for_builders_only() -> None:
    if not (settings.DEBUG or getattr(settings, "DEMO", False)):
        raise Http404


@public_view
def guide(request):
    _for_builders_only()
    return render(request, "ui/guide.html", samples.context(request))


@public_view
def guide_form(request):
    """A form that never saves: shows how errors look and answers 422."""
    _for_builders_only()
    typed = samples.WRONG if "errors" in request.GET else request.POST or None
    form = samples.SampleForm(typed)
    valid = not form.is_bound or form.is_valid()
    return render(request, "ui/guide_form.html", {"form": form}, status=200 if valid else 422)
