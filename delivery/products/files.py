"""Files attached to anything of a product: found through the product, handed out as downloads."""

from django.views.decorators.http import require_safe

from delivery.products.access import product_view
from pmdm.accounts.roles import Permission
from pmdm.files.views import download


@require_safe
@product_view(read=Permission.PRODUCT_VIEW)
def file(request, product, key):
    """What the file itself asks for is checked against the reader's permissions."""
    return download(request, product, key)
