"""The Gantt chart as a picture: PDF over pages, SVG and PNG in one piece. Large ones are work that a worker does."""

import datetime
import zlib
from collections import defaultdict

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.models import User
from pmdm.accounts.roles import Permission as P
from pmdm.interchange.models import Upload
from pmdm.jobs import work
from projects.lifecycle.access import project_view
from projects.lifecycle.crumbs import to_schedule
from projects.lifecycle.models import Project
from projects.schedule.drawing import output
from projects.schedule.drawing.collect import COLUMNS, chart_of
from projects.schedule.drawing.sheet import MAX_PAGES, TooManyPages, draw
from projects.schedule.exporting import FORMATS as FILE_FORMATS

KIND = "plan-picture"
FORMATS = {"pdf": "application/pdf", "svg": "image/svg+xml", "png": "image/png"}
# Above this many rows a picture takes more than two seconds.
AT_ONCE = {"pdf": 1_000, "svg": 5_000, "png": 400}
MOST_ROWS = {"pdf": 20_000, "svg": 20_000, "png": 2_000}


class PictureForm(forms.Form):
    """What the picture shows; nothing given means the whole plan on A4."""

    use_required_attribute = False

    paper = forms.ChoiceField(
        label=gettext_lazy("Paper"),
        choices=[("a4", gettext_lazy("A4, landscape")), ("a3", gettext_lazy("A3, landscape"))],
        required=False,
    )
    scale = forms.ChoiceField(
        label=gettext_lazy("Scale"),
        choices=[
            ("fit", gettext_lazy("Fit the width")),
            ("day", gettext_lazy("Days")),
            ("week", gettext_lazy("Weeks")),
            ("month", gettext_lazy("Months")),
            ("quarter", gettext_lazy("Quarters")),
        ],
        required=False,
    )
    first = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    columns = forms.MultipleChoiceField(
        label=gettext_lazy("Columns"), required=False, widget=forms.CheckboxSelectMultiple
    )
    critical = forms.BooleanField(label=gettext_lazy("Mark the critical path"), required=False)
    baseline = forms.BooleanField(label=gettext_lazy("Show the active baseline"), required=False)

    def __init__(self, data=None, *, can):
        super().__init__(
            data,
            initial={
                "paper": "a4",
                "scale": "fit",
                "columns": ["duration", "start", "finish"],
                "critical": True,
                "baseline": True,
            },
        )
        self.fields["columns"].choices = [
            (name, title()) for name, (title, _width, _right, who) in COLUMNS.items() if not who or can[who]
        ]

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("first"), cleaned.get("last")
        for name in ("first", "last"):
            if cleaned.get(name) and not 1900 <= cleaned[name].year <= 2299:
                self.add_error(name, _("Give a date in the years 1900 to 2299."))
        if first and last and last <= first:
            self.add_error("last", _("Give a date after %(first)s.") % {"first": first.isoformat()})
        return cleaned

    @property
    def options(self) -> dict:
        """Plain values, as ``chart_of`` takes them and as JSON keeps them."""
        values = self.cleaned_data if self.is_bound else self.initial
        return {
            "paper": values.get("paper") or "a4",
            "scale": values.get("scale") or "fit",
            "first": values["first"].isoformat() if values.get("first") else None,
            "last": values["last"].isoformat() if values.get("last") else None,
            "columns": list(values["columns"]),
            "critical": bool(values["critical"]),
            "baseline": bool(values["baseline"]),
        }


@project_view(read=P.SCHEDULE_VIEW)
def plan_picture(request, project, format):
    """The picture, or the page that says why it can't be drawn so."""
    if format not in FORMATS:
        raise Http404
    form = PictureForm(request.GET or None, can=request.can)
    count = project.tasks.count()
    problem = ""
    if form.is_bound and not form.is_valid():
        problem = _("The picture can't be drawn so.")
    elif count > MOST_ROWS[format]:
        problem = _("At most %(most)d tasks fit into this kind of picture; take PDF.") % {"most": MOST_ROWS[format]}
    elif count > AT_ONCE[format]:
        payload = {"project": project.pk, "user": request.user.pk, "format": format, "options": form.options}
        title = _("Drawing the plan of %(code)s") % {"code": project.code}
        url = reverse("projects:plan-exports", args=[project.code])
        way = to_schedule(project)
        return redirect(work.start("plan.picture", title, payload, by=request.user, result_url=url, crumbs=way))
    else:
        try:
            content = picture(project, format, form.options, can=request.can)
        except ValidationError as error:
            problem = " ".join(error.messages)
        else:
            return _file(content, format, project)
    context = {
        "project": project,
        "tab": "schedule",
        "formats": FILE_FORMATS,
        "task_count": count,
        "picture_form": form,
        "problem": problem,
    }
    return render(request, "projects/schedule/export.html", context, status=422)


@project_view(read=P.SCHEDULE_VIEW)
def plan_picture_made(request, project, pk):
    """A picture that a worker drew; kept for a day, for the person who asked."""
    upload = get_object_or_404(Upload.objects.of(KIND, project, request.user).exclude(done_at=None), pk=pk)
    return _file(upload.data, upload.options["format"], project)


def picture(project, format: str, options: dict, *, can) -> bytes:
    """Draw it. ValidationError when it would take more pages than anybody prints."""
    dates = {name: options[name] and datetime.date.fromisoformat(options[name]) for name in ("first", "last")}
    paper = options["paper"] if format == "pdf" else "one"
    chart = chart_of(project, can=can, **{**options, **dates, "paper": paper})
    try:
        pages = draw(chart)
    except TooManyPages as too_many:
        raise ValidationError(
            _("That would take %(pages)d pages; at most %(most)d are drawn. Choose a wider scale or a shorter period."),
            code="pages",
            params={"pages": too_many.pages, "most": MAX_PAGES},
        )
    match format:
        case "pdf":
            return output.pdf(pages, f"{project.code} {project.name}")
        case "png":
            return output.png(pages[0])
    return pages[0].svg.encode()


@work.does("plan.picture")
def picture_work(report, payload):
    project = Project.objects.filter(pk=payload["project"]).first()
    user = User.objects.filter(pk=payload["user"], is_active=True).first()
    # Time has passed since the request: what held then is asked again.
    if project is None or user is None or not project.allows(user, P.SCHEDULE_VIEW):
        raise work.Refused(_("The plan of this project is not yours to see any more."))
    can = {"cost_view": project.allows(user, P.COST_VIEW), "team_view": project.allows(user, P.TEAM_VIEW)}
    report(10, _("Drawing"))
    try:
        content = picture(project, payload["format"], payload["options"], can=defaultdict(bool, can))
    except ValidationError as error:
        raise work.Refused(" ".join(error.messages))
    report(90, _("Keeping"))
    upload = Upload.objects.create(
        kind=KIND,
        subject_type=project._meta.model_name,
        subject_id=project.pk,
        user=user,
        name=f"{project.code}-gantt.{payload['format']}",
        content=zlib.compress(content, 6),
        options={"format": payload["format"]},
        done_at=timezone.now(),
    )
    return {"url": reverse("projects:plan-picture-made", args=[project.code, upload.pk])}


def _file(content: bytes, format: str, project) -> HttpResponse:
    response = HttpResponse(content, content_type=FORMATS[format])
    name = f"{project.code}-gantt-{timezone.localdate():%Y-%m-%d}.{format}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
