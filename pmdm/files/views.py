"""Handing a file out: always as a download, never as something the browser would run or show inside our pages."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header

from pmdm.accounts.roles import Permission
from pmdm.files.models import File


def download(request, subject, key: str) -> HttpResponse:
    """The file of this subject, to those who hold the permission it names (``request.can`` comes from its view)."""
    file = get_object_or_404(File.objects.of(subject).select_related("content"), key=key)
    if Permission(file.permission) not in request.can:
        raise PermissionDenied
    return hand_out(file)


def hand_out(file: File) -> HttpResponse:
    """The answer with a file, for a view that has asked whether its reader may have it."""
    return HttpResponse(
        bytes(file.content.data),
        content_type=file.media_type,
        headers={
            "Content-Disposition": content_disposition_header(True, file.name) or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, no-store",
        },
    )
