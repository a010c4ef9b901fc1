"""Pages of the knowledge base."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from delivery.articles.forms import ArticleFilter, ArticleForm, ArticleNewForm, ReviewForm
from delivery.articles.models import Article
from delivery.moves import NotNow
from delivery.products.access import product_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import REFUSED, SAVED, attempt
from pmdm.ui.lists import ListPage


def article_page(request, product) -> ListPage:
    """All that the reader may read, found by words. What others say of it is for our own people."""
    inside = P.INTERNAL_VIEW in request.can
    sorts: dict = {"title": "title", "number": "number", "review": "review_by", "state": "state"}
    if inside:
        sorts["helpful"] = ["helpfulness", "helped"]
    return ListPage(
        request,
        product.articles.visible_to(request.user, product).with_votes().select_related("owner").defer("text"),
        sorts=sorts,
        default_sort="title",
        form=ArticleFilter,
        form_kwargs={"inside": inside},
    )


@product_view(read=P.PRODUCT_VIEW)
def article_list(request, product):
    """The knowledge base of a product."""
    page = article_page(request, product)
    return render(request, "delivery/articles/list.html", {"product": product, "tab": "articles", "page": page})


@product_view(read=P.ISSUE_WORK, write=P.ISSUE_WORK)
def article_new(request, product):
    """Write one; ``?issue=`` starts from what is known of an issue."""
    number = request.GET.get("issue", "")
    issue = product.issues.filter(number=number).first() if number.isdecimal() and len(number) < 10 else None
    initial = Article.from_issue(issue) if issue else None
    form = ArticleNewForm(request.POST or None, product=product, initial=initial)
    if request.method == "POST" and form.is_valid():
        row = Article.write(product, by=request.user, issue=issue, **form.cleaned_data)
        messages.success(request, _("%s is a draft.") % row.ref)
        return redirect("delivery:article-detail", product.code, row.number)
    context = {"product": product, "tab": "articles", "form": form, "issue": issue}
    return render(request, "delivery/articles/new.html", context, status=REFUSED if form.is_bound else 200)


@product_view(read=P.PRODUCT_VIEW, write=P.ISSUE_WORK)
def article_detail(request, product, number):
    """One article; POST edits it."""
    row = _article(request, product, number)
    form = ArticleForm(request.POST or None, instance=row, product=product)
    status = 200
    if request.method == "POST":
        status = attempt(form, form.save_changes)
        if status == SAVED:
            messages.success(request, _("Saved."))
            return redirect("delivery:article-detail", product.code, number)
    return _page(request, product, row, form=form, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.ISSUE_WORK)
def article_state(request, product, number, state):
    """Draft, internal or public (POST); public by the delivery manager."""
    row = _article(request, product, number)
    if request.method != "POST" or state not in Article.State.values:
        return redirect("delivery:article-detail", product.code, number)
    if Article.State.PUBLIC in (state, row.state) and P.PRODUCT_EDIT not in request.can:
        raise PermissionDenied(_("What clients read is for the delivery manager to publish."))
    form = ReviewForm({"until": "2000-01-01"})
    status = attempt(form, lambda: row.publish(state, by=request.user))
    if status == SAVED:
        messages.success(request, _("%(ref)s: %(state)s.") % {"ref": row.ref, "state": row.get_state_display()})
        return redirect("delivery:article-detail", product.code, number)
    return _page(request, product, _article(request, product, number), refused=form, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.ISSUE_WORK)
def article_review(request, product, number):
    """Looked at and still right (POST)."""
    row = _article(request, product, number)
    if request.method != "POST":
        return redirect("delivery:article-detail", product.code, number)
    form = ReviewForm(request.POST)
    status = attempt(form, lambda: row.review(by=request.user, until=form.cleaned_data["until"]))
    if status == SAVED:
        messages.success(request, _("Still right; the next look is due later."))
        return redirect("delivery:article-detail", product.code, number)
    return _page(request, product, row, review_form=form, status=status)


@product_view(read=P.PRODUCT_VIEW, write=P.PRODUCT_VIEW)
def article_vote(request, product, number):
    """Whether it helped the reader (POST): yes, no, or the word taken back."""
    row = _article(request, product, number)
    if request.method == "POST":
        said = {"yes": True, "no": False, "": None}
        word = request.POST.get("helpful", "")
        if word not in said:
            messages.error(request, _("Say yes or no, or nothing."))
        else:
            try:
                row.vote(by=request.user, helpful=said[word])
            except NotNow as error:
                messages.error(request, error.messages[0])
            else:
                messages.success(request, _("Thank you.") if word else _("Your word is taken back."))
    return redirect("delivery:article-detail", product.code, number)


def _article(request, product, number):
    rows = product.articles.visible_to(request.user, product).with_votes().select_related("owner", "issue")
    row = get_object_or_404(rows, number=number)
    row.product = product
    return row


def _page(request, product, row, *, form=None, review_form=None, refused=None, status=200):
    context = {
        "product": product,
        "tab": "articles",
        "row": row,
        "vote": row.votes.filter(user=request.user).first(),
        "may_vote": row.state != Article.State.DRAFT and not product.locked_reason,
        "refused": refused,
        "form": form or ArticleForm(instance=row, product=product),
        "review_form": review_form or ReviewForm(),
    }
    return render(request, "delivery/articles/detail.html", context, status=status)
