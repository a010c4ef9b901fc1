"""{% load product_past %}: the way from a register of a product to what it was."""

from django import template
from django.urls import reverse

from delivery.past.registers import REGISTERS
from pmdm.accounts.roles import Permission as P

register = template.Library()


@register.simple_tag(takes_context=True)
def past_of_list(context, key: str) -> str:
    """The address of this register as of a past day; '' where there is none for the reader."""
    product, found = context.get("product"), REGISTERS.get(key)
    can = getattr(context["request"], "can", ())
    if not product or found is None or found.needs not in can or P.INTERNAL_VIEW not in can:
        return ""
    return reverse("delivery:past", args=[product.code, key])
