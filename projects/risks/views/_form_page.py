"""The two shapes that both registers share: a form on a page of its own, and a form beside its record."""

from django.shortcuts import redirect, render

from pmdm.registers.editing import SAVED, attempt


def form_page(request, project, tab, form, heading, save, *, back):
    """Show the form; on POST save and go where ``save`` says (an address)."""
    status = 200
    if request.method == "POST":
        went = []
        status = attempt(form, lambda: went.append(save()))
        if status == SAVED:
            return redirect(went[0] or back)
    context = {"project": project, "tab": tab, "form": form, "heading": heading, "back": back}
    return render(request, "projects/_form.html", context, status=status)
