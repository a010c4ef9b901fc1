"""Every view of a product goes through here."""

from delivery.products.models import Product
from pmdm.accounts.access import subject_view
from pmdm.accounts.roles import Permission


def product_view(*, read: Permission, write: Permission | None = None, even_when_retired: bool = False):
    """Load the product, check the permission, refuse changes to a retired one unless the view is for just that."""
    return subject_view(
        Product,
        read=read,
        write=write,
        locked=None if even_when_retired else lambda product: product.locked_reason,
    )
