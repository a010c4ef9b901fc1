"""The activity page of any subject; each app gives it an address and its frame."""

from django.shortcuts import render

from pmdm.activity.feed import recent

PER_PAGE = 30


def activity_page(request, subject, template: str, **context):
    """One page of the feed, newest first; ``?before=<id>`` goes back in time."""
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isdecimal() and len(asked) < 19 else None
    entries = recent(subject, request.user, PER_PAGE, before=before)
    older = entries[-1].id if len(entries) == PER_PAGE else None
    return render(request, template, {"entries": entries, "older": older, "is_past": before is not None, **context})
