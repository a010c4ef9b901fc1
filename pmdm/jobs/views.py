"""Jobs that failed, for the administrator; progress of long work, for who asked for it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pmdm.accounts.access import signed_in_view, site_view
from pmdm.accounts.roles import Permission
from pmdm.jobs import outbox
from pmdm.jobs.models import Outbox, Work
from pmdm.ui.lists import ListPage


@site_view(read=Permission.SITE_JOBS)
def failed(request):
    page = ListPage(
        request,
        Outbox.objects.failed(),
        sorts={"failed": "failed_at", "kind": "kind"},
        default_sort="-failed",
    )
    waiting = Outbox.objects.filter(done_at=None, failed_at=None).count()
    return render(request, "jobs/failed.html", {"page": page, "waiting": waiting})


@require_http_methods(["POST"])
@site_view(read=Permission.SITE_JOBS, write=Permission.SITE_JOBS)
def retry(request, pk):
    get_object_or_404(Outbox, pk=pk)
    if outbox.retry(pk):
        messages.success(request, _("Put back: a worker tries it again now."))
    else:
        messages.info(request, _("This job is not among the failed any more."))
    return redirect("jobs:failed")


@require_safe
@signed_in_view
def work(request, pk):
    """The progress page; htmx polls its fragment until the work is over."""
    job = get_object_or_404(Work.objects.visible_to(request.user), pk=pk)
    if not request.htmx:
        return render(request, "jobs/work.html", {"work": job})
    if job.state == Work.State.DONE and job.result_url:
        return HttpResponse(headers={"HX-Redirect": job.result_url})
    # A work that is over comes without a trigger, which ends the polling.
    return render(request, "jobs/work.html#work-progress", {"work": job})
