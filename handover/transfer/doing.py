"""What all pages of a handover do with a verb that refuses: its words as messages, 409 for the second, 422 else."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from pmdm.registers.editing import FIRST


def attempt(request, verb: Callable[[], object], form=None) -> int:
    """200 when it was done; else 403, 409 or 422, with the words on the form's fields or as messages."""
    try:
        with transaction.atomic():
            verb()
    except PermissionDenied as error:
        messages.error(request, str(error))
        return 403
    except ValidationError as error:
        first = getattr(error, "code", "") == FIRST
        if form is not None and hasattr(error, "error_dict") and set(error.error_dict) <= set(form.fields):
            form.add_error(None, error)
        else:
            for text in error.messages:
                messages.error(request, text)
        return 409 if first else 422
    return 200
