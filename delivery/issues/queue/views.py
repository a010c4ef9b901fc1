"""The queue of issues: of one product and of all of mine; saved views; quick add; bulk edit and taking it back."""

from functools import cached_property, lru_cache
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, Window
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from delivery.issues.models import Issue, Severity
from delivery.issues.queue import bulk, telling
from delivery.issues.queue.columns import COLUMNS, GROUPS, SORTS, fields_of, rows
from delivery.issues.queue.filters import KeepForm, QueueFilter, ShapeForm
from delivery.issues.queue.models import BulkEdit, SavedView, views_of
from delivery.models import Product
from delivery.products.access import product_view
from delivery.search import visible_issues
from pmdm.accounts.access import signed_in_view
from pmdm.accounts.roles import Permission as P
from pmdm.prepared import Prepared
from pmdm.registers.editing import REFUSED
from pmdm.ui.language import language
from pmdm.ui.lists import PER_PAGE, ListPage
from pmdm.ui.templatetags.ui import WallClock

UNDO = "issues.undo"  # in the session: the last edit in one stroke


@product_view(read=P.ISSUE_VIEW)
def issue_list(request, product):
    """The queue of a product: the most urgent first."""
    issues = product.issues.visible_to(request.user, product)
    return _queue(request, issues, product=product, internal=P.INTERNAL_VIEW in request.can)


@signed_in_view
def queue(request):
    """The queue over all products whose issues the reader may see."""
    return _queue(request, visible_issues(request.user), product=None, internal=not request.user.organisation_id)


class QueuePage(ListPage):
    """A list page whose rows are tuples of ``fields`` and come in groups, if asked for."""

    def __init__(self, request, queryset, **kwargs):
        super().__init__(request, queryset, **kwargs)
        self.across = kwargs["form_kwargs"]["product"] is None

    @property
    def shape(self) -> dict:
        return self.form.shape

    # The product whose issues are all to be seen here; None where the question is another one.
    whole_of: Product | None = None

    @cached_property
    def fields(self) -> tuple[str, ...]:
        return fields_of(self.shape["columns"], self.shape["group"], across=self.across)

    @cached_property
    def rows(self) -> list[tuple]:
        """The first page as most look at it is asked for by a statement made once."""
        if self._found is None and self.page.number == 1 and self._is_usual:
            return _first_rows(tuple(self.shape["columns"]), self.shape["group"])(self.whole_of.pk)
        if self._found is None and self.page.number == 1 and self.sort == self.default_sort:
            return list(self.queryset.values_list(*self.fields)[: self.per_page])
        if self._found is not None:
            keys = self._found[1]
        else:
            # Their keys first, alone: to sort thousands of whole rows with what they join costs twice as much.
            start = (self.page.number - 1) * self.per_page
            keys = list(self.queryset.values_list("pk", flat=True)[start : start + self.per_page])
        return list(self.everything.filter(pk__in=keys).order_by(*self._ordering()).values_list(*self.fields))

    @property
    def _is_usual(self) -> bool:
        usual = self.form.is_valid() and not self.form.active and self.sort == self.default_sort
        return usual and self.whole_of is not None

    @cached_property
    def page(self) -> Page:
        paginator = Paginator(self.queryset, self.per_page)
        if self._found is not None:
            paginator.count = self._found[0]
        return paginator.get_page(self.request.GET.get("page"))

    @cached_property
    def _found(self) -> tuple[int, list[int]] | None:
        """How many match, and the keys of this page, in one pass over what a filter leaves to be looked at row by row.

        None where the two are cheaper apart, or the page is none that there is.
        """
        if not self.form.is_valid() or not self.form.active.keys() - {"state"}:
            return None
        try:
            number = int(self.request.GET.get("page") or 1)
        except ValueError:
            number = 1
        if not 0 < number < 10**6:
            return None
        start = (number - 1) * self.per_page
        counted = self.queryset.annotate(matching=Window(Count("*"))).values_list("pk", "matching")
        found = list(counted[start : start + self.per_page])
        if found:
            return found[0][1], [pk for pk, _matching in found]
        return (0, []) if start == 0 else None

    def _ordering(self) -> list:
        group = self.shape["group"]
        return [GROUPS[group].order, *super()._ordering()] if group else super()._ordering()


@lru_cache(maxsize=64)
def _first_rows(columns: tuple[str, ...], group: str) -> Prepared:
    """The first open issues of a product in the usual order, with what these columns need."""
    order = [*([GROUPS[group].order] if group else []), *SORTS["urgency"], "pk"]
    names = fields_of(columns, group)
    return Prepared(
        lambda product: Issue.objects.filter(product=product).open().order_by(*order).values_list(*names)[:PER_PAGE]
    )


def _queue(request, issues, *, product, internal):
    views = views_of(request.user, product) if internal else []
    if not request.GET and not request.htmx:
        first = next((view for view in views if view.is_default and view.owner_id == request.user.pk), None)
        if first:
            return redirect(first.list_url)
    page = queue_page(request, issues, product=product, internal=internal)
    shape = page.shape
    clock = WallClock(timezone.now())
    may_work = _may_work(request, product)
    if product and internal:
        page.whole_of = product
    found = page.rows
    context = {
        "product": product,
        "tab": "queue",
        "page": page,
        "internal": internal,
        "may_work": may_work,
        "may_report": product and P.ISSUE_REPORT in request.can and not product.locked_reason,
        "columns": [COLUMNS[name] for name in shape["columns"]],
        "body": rows(
            found,
            columns=shape["columns"],
            clock=clock,
            code=product.code if product else "",
            group=shape["group"],
            totals=_totals(page, shape["group"], clock.now),
            pick=may_work,
        ),
        "sums": _sums(page, clock.now) if shape["sums"] else None,
        "quick": quick_form(request, product),
        "now": clock.now,
    }
    if internal:
        context |= _views(page, views)
        # Most look at a queue as it is: its form is fetched by who wants another shape.
        if "shape" in request.GET:
            context |= {"shape_form": ShapeForm(of=page.form), "keep_form": _keep_form(product, context["current"])}
        else:
            context["shape_url"] = f"{page.path}?{urlencode([*page.parameters, ('shape', 1)])}"
    if may_work and (done := request.session.pop(UNDO, None)):
        context["last"] = BulkEdit.objects.filter(pk=done, by=request.user, undone_at=None).first()
        context["held"] = context["last"] and telling.held_until(context["last"])
    return render(request, "delivery/issues/list.html" if product else "delivery/issues/queue.html", context)


def queue_page(request, issues, *, product, internal) -> QueuePage:
    """The filtered, sorted queue; ``product`` None: over all of the reader's."""
    return QueuePage(
        request,
        issues,
        sorts=SORTS,
        default_sort="urgency",
        form=QueueFilter,
        form_kwargs={"product": product, "internal": internal, "reader": request.user},
    )


def _may_work(request, product) -> bool:
    if product:
        return P.ISSUE_WORK in request.can and not product.locked_reason
    return not request.user.organisation_id


def _totals(page, group: str, now) -> dict:
    """{value: (issues, overdue)} of the whole filtered queue."""
    if not group:
        return {}
    name = GROUPS[group].field
    counted = page.queryset.order_by().values_list(name).annotate(n=Count("pk"), late=Count("pk", filter=_late(now)))
    return {value: (count, late) for value, count, late in counted}


def _late(now) -> Q:
    return Q(resolution_due__lt=now, resolved_at=None)


def _sums(page, now) -> dict:
    """What stands below the list: how many, overdue, at risk, unassigned, reopened, by priority."""
    risk = Q(resolution_at_risk__lte=now, resolution_due__gte=now, resolved_at=None)
    return page.queryset.order_by().aggregate(
        count=Count("pk"),
        overdue=Count("pk", filter=_late(now)),
        at_risk=Count("pk", filter=risk),
        nobody=Count("pk", filter=Q(assignee=None)),
        reopened=Count("pk", filter=Q(reopened__gt=0)),
        critical=Count("pk", filter=Q(severity=Severity.CRITICAL)),
        high=Count("pk", filter=Q(severity=Severity.HIGH)),
    )


# --- Saved views ------------------------------------------------------------------------------------------


def _views(page, views: list[SavedView]) -> dict:
    number = page.form.cleaned_data.get("view") if page.form.is_valid() else None
    current = next((view for view in views if view.pk == number), None)
    kept = [(name, value) for name, value in page.parameters if name != "view"]
    return {
        "views": views,
        "current": current,
        "altered": current is not None and sorted(current.parameters) != sorted(kept),
        "kept": urlencode(kept),
    }


def _keep_form(product, current) -> KeepForm:
    return KeepForm(product=product, initial={"name": current.name if current else ""})


@require_POST
@signed_in_view
def view_keep(request):
    """Keep the queue as it is under a name; of a product or, without one, over all of mine."""
    product = None
    if code := request.POST.get("product"):
        product = get_object_or_404(Product.objects.allowing(request.user, P.INTERNAL_VIEW), code=code)
    elif request.user.organisation_id:
        raise Http404
    query = QueryDict(request.POST.get("query", "")[:2000])
    asked = QueueFilter(query, product=product, internal=True, reader=request.user)
    form = KeepForm(request.POST, product=product)
    place = reverse("delivery:issue-list", args=[product.code]) if product else reverse("delivery:queue")
    if not form.is_valid() or not asked.is_valid():
        messages.error(request, _("The view was not kept: give it a name of at most 80 letters."))
        return redirect(f"{place}?{query.urlencode()}")
    names = [*asked.fields, "sort"]
    kept = [(name, value) for name in names for value in query.getlist(name) if value and name != "view"]
    data = form.cleaned_data
    view = SavedView.keep(
        by=request.user,
        product=product,
        name=data["name"],
        parameters=kept,
        is_shared=data.get("is_shared", False),
        is_default=data["is_default"],
    )
    messages.success(request, _("“%s” is kept.") % view.name)
    return redirect(view.list_url)


@signed_in_view
def view(request, pk):
    """The lasting address of a view: leads to the queue as it shows it. POST forgets it."""
    kept = get_object_or_404(SavedView.objects.select_related("product"), pk=pk)
    seen = SavedView.objects.visible_to(request.user, kept.product).filter(pk=pk)
    if not seen.exists() or (kept.product and not Product.objects.visible_to(request.user).filter(pk=kept.product_id)):
        raise Http404
    if request.method == "POST":
        if kept.owner_id != request.user.pk:
            raise PermissionDenied(_("A view is forgotten by whoever keeps it."))
        place = reverse("delivery:issue-list", args=[kept.product.code]) if kept.product else reverse("delivery:queue")
        kept.delete()
        messages.success(request, _("“%s” is forgotten.") % kept.name)
        return redirect(f"{place}?view=0")
    return redirect(kept.list_url)


# --- Quick add --------------------------------------------------------------------------------------------


class QuickForm(forms.Form):
    """The least that an issue needs, in a dialog; over several products also which."""

    product = forms.ModelChoiceField(Product.objects.none(), label=gettext_lazy("Product"), to_field_name="code")
    title = forms.CharField(label=gettext_lazy("Title"), max_length=250)
    type = forms.ChoiceField(label=gettext_lazy("Type"), choices=Issue.Type.choices)
    severity = forms.TypedChoiceField(
        label=gettext_lazy("Priority"), choices=Severity.choices, coerce=int, initial=Severity.MEDIUM
    )
    wide = {"title", "product"}

    def __init__(self, *args, product, reader, **kwargs):
        super().__init__(*args, auto_id="quick_%s", **kwargs)
        self.fields["title"].widget.attrs["autocomplete"] = "off"
        if product:
            del self.fields["product"]
        else:
            self.fields["product"].queryset = reportable(reader)
        # Where the cursor stands when the dialog opens.
        next(iter(self.fields.values())).widget.attrs["autofocus"] = True


def reportable(reader):
    return Product.objects.live().allowing(reader, P.ISSUE_REPORT).order_by("name")


def quick_form(request, product):
    """The dialog's form, where the reader may report."""
    if product and (P.ISSUE_REPORT not in request.can or product.locked_reason):
        return None
    if product:
        return _quick_of_a_product(language())
    return QuickForm(product=None, reader=request.user, initial={"type": Issue.Type.BUG})


@lru_cache(maxsize=16)
def _quick_of_a_product(language: str | None) -> SafeString:
    """The fields, drawn once: of one product they are the same on every page, whoever looks."""
    return SafeString(QuickForm(product=True, reader=None, initial={"type": Issue.Type.BUG}))


@signed_in_view
def queue_new(request):
    """Report an issue on one of my products; as a dialog of the queue, and as a page."""
    looks = "look" in request.POST  # from the dialog: with more fields, and with what was typed
    if looks and (product := reportable(request.user).filter(code=request.POST.get("product", "")).first()):
        title = urlencode({"title": request.POST.get("title", "")[:250]})
        return redirect(f"{reverse('delivery:issue-new', args=[product.code])}?{title}")
    form = QuickForm(
        None if looks else request.POST or None, product=None, reader=request.user,
        initial={"type": Issue.Type.BUG} | (request.POST.dict() if looks else {}),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        issue = Issue.report(data.pop("product"), by=request.user, **data)
        messages.success(request, _("%s is reported.") % issue.ref)
        return redirect("delivery:queue")
    status = REFUSED if form.is_bound else 200
    return render(request, "delivery/issues/queue_new.html", {"form": form}, status=status)


# --- Bulk edit --------------------------------------------------------------------------------------------


class ValueForm(forms.Form):
    """The value that a field gets in all chosen issues."""

    def __init__(self, *args, edit: bulk.Edit, batch: bulk.Batch, **kwargs):
        super().__init__(*args, **kwargs)
        if edit.choices is None:
            self.fields["value"] = forms.CharField(
                label=str(edit.label), required=False, max_length=20, help_text=_("Its number: ISS-14; empty for none.")
            )
        else:
            choices = edit.choices(batch)
            self.fields["value"] = forms.ChoiceField(
                label=str(edit.label), choices=choices, required=not any(value == "" for value, _label in choices)
            )
        if edit.text:
            self.fields["text"] = forms.CharField(
                label=str(edit.text), required=False, max_length=250 if "priority_reason" in edit.columns else 20000
            )


def _wanted(request) -> dict[int, int | None]:
    """{issue: version seen} of what was chosen; nonsense is left out."""
    if request.POST.get("all"):
        return _all_matching(request)
    wanted: dict[int, int | None] = {}
    for word in request.POST.getlist("issue")[: bulk.MOST]:
        key, _colon, version = word.partition(":")
        if key.isdigit() and len(key) < 12:
            wanted[int(key)] = int(version) if version.isdigit() and len(version) < 10 else None
    return wanted


def _all_matching(request) -> dict[int, int | None]:
    """Everything that the queue's filter finds, as far as one edit goes."""
    product = None
    issues = visible_issues(request.user)
    if code := request.POST.get("product"):
        product = get_object_or_404(Product.objects.allowing(request.user, P.INTERNAL_VIEW), code=code)
        issues = issues.filter(product=product)
    asked = QueueFilter(
        QueryDict(request.POST.get("query", "")[:2000]), product=product, internal=True, reader=request.user
    )
    if asked.is_valid():
        issues = asked.filter(issues)
    return dict(issues.order_by("severity", "resolution_due", "number").values_list("pk", "version")[: bulk.MOST])


def _back(request) -> str:
    """The queue that the change came from."""
    query = urlencode(parse_qsl(request.POST.get("query", "")[:2000]))
    product = Product.objects.visible_to(request.user).filter(code=request.POST.get("product") or "").first()
    place = reverse("delivery:issue-list", args=[product.code]) if product else reverse("delivery:queue")
    # The first view stays away: it would hide what was just changed.
    return f"{place}?{query or 'view=0'}"


@require_POST
@signed_in_view
def bulk_edit(request):
    """One field of the chosen issues: the value, what would change and what is refused, then the change itself."""
    back, wanted, name = _back(request), _wanted(request), request.POST.get("field", "")
    if not wanted or name not in bulk.EDITS:
        messages.warning(request, _("Choose issues and a field first."))
        return redirect(back)
    batch = bulk.Batch(wanted, by=request.user, at=timezone.now(), lock=False)
    if not batch.issues:
        messages.warning(request, _("These issues are gone, or not yours to see."))
        return redirect(back)
    edit = bulk.EDITS[name]
    form = ValueForm(request.POST if "value" in request.POST else None, edit=edit, batch=batch)
    changes: list[bulk.Change] = []
    if form.is_bound and form.is_valid():
        value, text = form.cleaned_data["value"], form.cleaned_data.get("text", "")
        if "now" in request.POST:
            done = bulk.apply(wanted, name, value, text, by=request.user, back_to=back)
            return _done(request, done, back)
        changes = bulk.plan(batch, name, value, text)
    context = {
        "form": form,
        "edit": edit,
        "field": name,
        "changes": changes,
        "tells": telling.of_plan(changes, batch) if changes else None,
        "willing": sum(change.changes for change in changes),
        "refused": sum(bool(change.why) for change in changes),
        "issues": batch.issues,
        "query": request.POST.get("query", "")[:2000],
        "code": request.POST.get("product", "")[:24],
        "back": back,
        "most": bulk.MOST if len(wanted) == bulk.MOST else None,
    }
    status = REFUSED if form.is_bound and not form.is_valid() else 200
    return render(request, "delivery/issues/bulk.html", context, status=status)


def _done(request, done: BulkEdit, back: str):
    """In one stroke: back to the queue, with the way to take it back; where some were refused, to what became of it."""
    count = len(done.changes)
    if done.refused:
        return redirect("delivery:bulk-edit-done", done.pk)
    if count:
        request.session[UNDO] = done.pk
    else:
        messages.info(request, _("Nothing changed: it was so already."))
    return redirect(back)


@signed_in_view
def bulk_done(request, pk):
    """What a change of many issues did and refused. POST takes it back."""
    done = get_object_or_404(BulkEdit, pk=pk, by=request.user)
    if request.method == "POST":
        undone = bulk.undo(done.pk, by=request.user)
        if undone is None:
            messages.info(request, _("It was taken back already."))
        else:
            count = len(undone.changes) - len(undone.left)
            messages.success(
                request,
                ngettext("%(n)d issue is as it was.", "%(n)d issues are as they were.", count) % {"n": count},
            )
            if not undone.left:
                return redirect(undone.back_to or "delivery:queue")
        return redirect("delivery:bulk-edit-done", done.pk)
    keys = [change["issue"] for change in done.changes] + [row["issue"] for row in done.refused]
    seen = {issue.pk: issue for issue in visible_issues(request.user).filter(pk__in=keys).select_related("product")}
    left = {row["issue"]: row["why"] for row in done.left}
    lines = [
        {"issue": seen[change["issue"]], "was": change["was"], "now": change["now"], "left": left.get(change["issue"])}
        for change in done.changes
        if change["issue"] in seen
    ]
    refused = [{"issue": seen[row["issue"]], "why": row["why"]} for row in done.refused if row["issue"] in seen]
    label = bulk.EDITS[done.field].label if done.field in bulk.EDITS else done.field
    context = {"done": done, "lines": lines, "refused": refused, "label": label, "held": telling.held_until(done)}
    return render(request, "delivery/issues/bulk_done.html", context)
