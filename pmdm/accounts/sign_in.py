"""Sign-in by allauth; in demo mode the page also lists the demo's accounts."""

from allauth.account.views import LoginView

from pmdm.accounts import demo


class SignInView(LoginView):
    def get_context_data(self, **kwargs):
        listed = demo.accounts() if demo.is_open_to(self.request) else []
        return super().get_context_data(**kwargs, demo_accounts=listed)


sign_in = SignInView.as_view()
