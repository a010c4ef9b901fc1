"""Forms of satisfaction: a wave, invitations, and what the customer fills in."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.satisfaction.models import Survey
from pmdm.accounts.models import Organisation, User

MAX_INVITATIONS = 500


class SurveyForm(forms.ModelForm):
    """A wave: its name, the question, until when."""

    wide = {"name", "question"}

    class Meta:
        model = Survey
        fields = ["name", "question", "closes_at"]
        help_texts = {
            "name": _("For yourselves, such as “Autumn 2026”."),
            "closes_at": _("Empty: until you close it. In UTC."),
        }

    def clean_closes_at(self):
        closes = self.cleaned_data["closes_at"]
        if closes and closes <= timezone.now():
            raise ValidationError(_("This is over already: give a time to come."))
        return closes


class InvitationForm(forms.Form):
    """Addresses, one a line or separated by commas; the people of the product's clients can be ticked together."""

    emails = forms.CharField(
        required=False,
        label=_("E-mail addresses"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=50_000,
        help_text=_("One a line, or separated by commas. Nobody is asked twice in a survey."),
    )
    everybody = forms.BooleanField(required=False, label=_("All people of the clients who have an account here"))

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product

    def clean_emails(self):
        found = [part for part in re.split(r"[\s,;]+", self.cleaned_data["emails"]) if part]
        check = EmailValidator()
        wrong = []
        for number, email in enumerate(found, start=1):
            try:
                check(email)
            except ValidationError:
                wrong.append(
                    _("Address %(number)s, “%(email)s”, is no e-mail address.")
                    % {"number": number, "email": email[:100]}
                )
        if len(found) > MAX_INVITATIONS:
            wrong.append(
                _("%(count)s addresses; up to %(most)s at a time.") % {"count": len(found), "most": MAX_INVITATIONS}
            )
        if wrong:
            raise ValidationError(wrong[:20])
        return [email.lower() for email in found]

    def clean(self):
        data = super().clean()
        if not self.errors and not data.get("emails") and not data.get("everybody"):
            raise ValidationError(_("Name at least one person."))
        return data

    def people(self) -> list[tuple[str, Organisation | None]]:
        """(e-mail, client organisation or None), the organisation from the account where there is one."""
        clients = User.objects.filter(is_active=True, organisation__in=self.product.clients.values("pk"))
        typed = self.cleaned_data["emails"]
        known = {
            user.email: user.organisation for user in clients.filter(email__in=typed).select_related("organisation")
        }
        people: list[tuple[str, Organisation | None]] = [(email, known.get(email)) for email in typed]
        if self.cleaned_data["everybody"]:
            people += [(user.email, user.organisation) for user in clients.select_related("organisation")]
        return people


class AnswerForm(forms.Form):
    """What the customer sees: two scales and a word. Nothing is required, but something must be said."""

    SATISFACTION = [
        ("5", _("Very satisfied")),
        ("4", _("Satisfied")),
        ("3", _("Neither nor")),
        ("2", _("Dissatisfied")),
        ("1", _("Very dissatisfied")),
    ]

    satisfaction = forms.TypedChoiceField(
        choices=SATISFACTION, coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
    )
    recommendation = forms.TypedChoiceField(
        label=_("How likely are you to recommend it to a colleague?"),
        help_text=_("0 is not at all, 10 is certainly."),
        choices=[(str(number), str(number)) for number in range(11)],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label=_("What should we keep, what should we change?"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args, question, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["satisfaction"].label = question

    def clean(self):
        data = super().clean()
        if not self.errors and not any(value not in (None, "") for value in data.values()):
            raise ValidationError(_("Please answer at least one question."))
        return data
