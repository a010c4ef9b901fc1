"""{% load activity %}{% activity_feed project limit=8 %}: the latest entries, as far as the reader may see them."""

from django import template

from pmdm.activity.feed import recent

register = template.Library()

# Items of an entry told beside other cards; the page of all activity tells every one.
TOLD = 3


@register.inclusion_tag("activity/_feed.html", takes_context=True)
def activity_feed(context, subject, limit=8):
    return {"entries": recent(subject, context["request"].user, limit, told=TOLD)}
