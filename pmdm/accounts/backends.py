"""Django's own ``has_perm(perm, obj)`` answered from the table of roles."""

from django.contrib.auth.backends import ModelBackend

from pmdm.accounts.access import Subject, may_on_site
from pmdm.accounts.roles import Permission


class RoleBackend(ModelBackend):
    def has_perm(self, user_obj, perm, obj=None):
        try:
            permission = Permission(perm)
        except ValueError:
            return False
        if isinstance(obj, Subject):
            return obj.allows(user_obj, permission)
        return user_obj.is_authenticated and may_on_site(user_obj, permission)
