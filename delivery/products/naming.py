"""What all clients of a product read must not say who else is one."""

from django.core.exceptions import ValidationError
from django.db.models import Exists, F, Func, OuterRef, TextField, Value
from django.utils.translation import gettext as _

from pmdm.accounts.models import Organisation


def client_named(product, said: str, *, but=None) -> str:
    """The name of a client, other than ``but``, that this text would tell to others; '' for none.

    Where a product has one client only, its name tells that client nothing.
    """
    allowed = {but.pk} if but else set()
    clients = list(product.clients.values_list("pk", flat=True)[:2])
    if len(clients) == 1:
        allowed |= set(clients)
    return Organisation.objects.exclude(pk__in=allowed).named_in(said)


def names_another(organisation_id: int | None, *fields: str) -> Exists:
    """Condition on a row: these texts of it say the name of an organisation other than this one, as whole words.

    For what clients read and nobody wrote for all of them: a handover brings words that one client accepted.
    """
    said = Func(Value("\n"), *map(OuterRef, fields), function="concat_ws", output_field=TextField())
    escaped = Func(F("name"), Value(r"([^[:alnum:][:space:]])"), Value(r"\\\1"), Value("g"), function="regexp_replace",
                   output_field=TextField())  # fmt: skip
    name = Func(Value(r"(?<!\w)"), escaped, Value(r"(?!\w)"), function="concat", output_field=TextField())
    return Exists(Organisation.objects.exclude(pk=organisation_id).alias(said=said).filter(said__iregex=name))


def refuse_names(product, texts: dict[str, str], *, but=None) -> None:
    """``texts``: field -> what it says to clients; ValidationError of the fields that name another one."""
    errors = {
        field: _("It names another client: “%s”. What clients read names none.") % name
        for field, said in texts.items()
        if (name := client_named(product, said, but=but))
    }
    if errors:
        raise ValidationError(errors)
