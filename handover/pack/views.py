"""The packs of a handover: made as work, downloaded, and how to check them."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from handover import around
from handover.pack import making
from handover.transfer.access import handover_view
from pmdm.accounts.roles import Permission as P


@handover_view(read=P.HANDOVER_VIEW, write=P.HANDOVER_EDIT)
def pack(request, project, handover):
    """The packs made so far; POST makes one."""
    if request.method == "POST":
        return redirect(making.ask(handover, by=request.user))
    packs = list(handover.packs.select_related("made_by", "zip", "pdf"))
    context = around.page(
        request, project, handover, "pack", packs=packs, latest=packs[0] if packs else None, stem=making.stem(handover)
    )
    return render(request, "handover/pack/pack.html", context)


@require_safe
@handover_view(read=P.HANDOVER_VIEW)
def checksum(request, project, handover, pack_number):
    """What ``sha256sum -c`` needs beside the ZIP."""
    found = get_object_or_404(handover.packs.select_related("zip"), number=pack_number)
    return HttpResponse(
        f"{found.sha256}  {found.zip.name}\n",
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{found.zip.name}.sha256"',
            "Cache-Control": "private, no-store",
        },
    )
