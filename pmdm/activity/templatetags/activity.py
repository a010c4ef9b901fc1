"""{% load activity %}{% activity_feed project limit=8 %}: the latest entries, as far as the reader may see them.

{% as_of page %}: the field for a past day above a register.
"""

import datetime
from urllib.parse import urlencode

from django import template
from django.utils import timezone

from pmdm.activity.feed import recent

register = template.Library()

# Items of an entry told beside other cards; the page of all activity tells every one.
TOLD = 3


@register.inclusion_tag("activity/_feed.html", takes_context=True)
def activity_feed(context, subject, limit=8):
    return {"entries": recent(subject, context["request"].user, limit, told=TOLD)}


@register.inclusion_tag("activity/_as_of.html")
def as_of(page, keeps=False):
    """The field of a ListPage with a ``past`` or of ``pmdm.activity.asof.Asked``, and a banner over a past day.

    ``keeps``: its rows lead on to that day, not to today.
    """
    kept = [(name, value) for name, value in page.parameters if name != "as_of"]
    typed = page.form["as_of"].value() or page.day
    return {
        "day": page.day,
        "keeps": keeps,
        "path": page.path,
        "kept": kept,
        "typed": typed.isoformat() if isinstance(typed, datetime.date) else typed or "",
        "latest": (timezone.localdate() - datetime.timedelta(days=1)).isoformat(),
        "errors": page.form.errors.get("as_of", []),
        "now_url": page.path + ("?" + urlencode(kept) if kept else ""),
    }
