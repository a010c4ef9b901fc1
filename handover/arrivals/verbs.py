"""At acceptance: runbooks of the handover become runbooks of the product, orders taken over become contracts."""

from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.products.agreements.models import Agreement
from delivery.runbooks.models import Runbook
from handover.arrivals.models import Arrival
from handover.arrivals.steps import TITLE, steps_of
from handover.transfer.models import Handover
from pmdm.ui import format as fmt


def arrive(handover: Handover, *, by, at) -> None:
    """Within the acceptance, with the record locked. What has arrived is left alone; queries don't grow with rows."""
    runbooks(handover, at=at)
    contracts(handover, at=at)


def runbooks(handover: Handover, *, at) -> None:
    """A document of the kind runbook: its numbered lines are the steps; else one step that says where it is."""
    product = handover.product
    materials = list(handover.materials.filter(kind="runbook", arrival=None).select_related("file").order_by("pk"))
    if not materials:
        return
    taken = set(product.runbooks.values_list("title", flat=True))
    books = []
    for material in materials:
        title = _free(material.title, handover.ref, taken)
        taken.add(title)
        came = _("Came with %(handover)s of %(project)s.") % {"handover": handover.ref, "project": handover.project}
        books.append((title, str(came), _steps(material)))
    note = _("As it came with %(handover)s") % {"handover": handover.ref}
    made = Runbook.write_all(product, books, by=handover.giver, owner=handover.receiver, note=note, at=at)
    Arrival.objects.bulk_create(
        Arrival(product=product, handover=handover, material=material, runbook=row)
        for material, row in zip(materials, made, strict=True)
    )


def contracts(handover: Handover, *, at) -> None:
    """An order that somebody took over runs on as a contract with its supplier, from the day it was ordered."""
    rows = list(handover.contracts.filter(arrival=None).select_related("order__project").order_by("pk"))
    made = Agreement.objects.bulk_create(_agreement(handover, row, at) for row in rows)
    Arrival.objects.bulk_create(
        Arrival(product=handover.product, handover=handover, contract=contract, agreement=row)
        for contract, row in zip(rows, made, strict=True)
    )


def _agreement(handover, contract, at) -> Agreement:
    order = contract.order
    note = [_("Order %(order)s, taken over with %(handover)s.") % {"order": order.ref, "handover": handover.ref}]
    if contract.expected_on:
        note.append(_("Expected on %(day)s.") % {"day": fmt.day(contract.expected_on)})
    if len(contract.description) > TITLE:
        note.append(contract.description)
    return Agreement(
        product=handover.product,
        title=contract.description[:TITLE],
        kind=Agreement.Kind.OTHER,
        side=Agreement.Side.SUPPLIER,
        party=contract.supplier,
        starts_on=min(order.ordered_on, timezone.localdate(at)),
        value=order.paid,
        currency=order.currency or order.project.currency,
        owner=contract.owner,
        note="\n".join(map(str, note)),
    )


def _steps(material) -> list[tuple[str, str]]:
    found = steps_of(material.note)
    where = [material.note.strip()] if not found and material.note.strip() else []
    if material.link:
        where.append(f"<{material.link}>")
    if material.file:
        where.append(_("File “%(name)s”, in the handover pack.") % {"name": material.file.name})
    if not found:
        return [(str(_("Follow the document")), "\n\n".join(where))]
    if where:
        title, text = found[0]
        found[0] = title, "\n\n".join(part for part in (text, *where) if part)
    return found


def _free(title: str, ref: str, taken: set[str]) -> str:
    """The title, with where it came from when the product has one like it already."""
    wanted, count = title, 1
    while wanted in taken:
        end = f" ({ref})" if count == 1 else f" ({ref}, {count})"
        wanted, count = title[: TITLE - len(end)] + end, count + 1
    return wanted
