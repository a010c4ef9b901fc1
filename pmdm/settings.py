"""Settings of PMDM, read from the environment; a wrong or missing value stops the start.

``PMDM_ENV`` names the surroundings: ``local`` (``manage.py up``), ``test`` or ``production``.
Nothing here has a default that production would accept as a secret.
"""

import secrets
import sys
from pathlib import Path
from typing import Any

import environ
import structlog
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from pmdm.local.engines import broker_url

ROOT = BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- Surroundings -----------------------------------------------------------------------------------------

ENVIRONMENTS = ("local", "test", "production")
ENVIRONMENT = env("PMDM_ENV", default="test" if "pytest" in sys.modules else "local")
if ENVIRONMENT not in ENVIRONMENTS:
    raise ImproperlyConfigured(f"PMDM_ENV is {ENVIRONMENT!r}; it must be one of {', '.join(ENVIRONMENTS)}.")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.bool("PMDM_DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("PMDM_DEBUG must not be on in production.")

HOME = Path(env("PMDM_HOME", default=str(ROOT / "var"))).resolve()

# Demo mode shows one-click sign-in as every role: never in production.
DEMO = env.bool("PMDM_DEMO", default=False)
if PRODUCTION and DEMO:
    raise ImproperlyConfigured("PMDM_DEMO must not be on in production: it lets anybody sign in.")


def _secret_key() -> str:
    key = env("PMDM_SECRET_KEY", default="")
    if PRODUCTION:
        if len(key) < 50:
            raise ImproperlyConfigured("PMDM_SECRET_KEY must be set to at least 50 random characters.")
        if len(set(key)) < 20 or "insecure" in key or "changeme" in key.lower():
            raise ImproperlyConfigured("PMDM_SECRET_KEY must be random: this one is an example or a pattern.")
        return key
    if key:
        return key
    # Local: one key per PMDM_HOME, made once, so that sessions survive a restart.
    path = HOME / "run" / "secret_key"
    try:
        return path.read_text()
    except OSError:
        key = secrets.token_urlsafe(64)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(key)
        except OSError:
            pass  # A read-only folder: the key lives as long as this process; `up` reports the folder.
        return key


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.list("PMDM_ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]"])
if PRODUCTION and (not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS):
    raise ImproperlyConfigured("PMDM_ALLOWED_HOSTS must name the hosts of this site, separated by commas.")
CSRF_TRUSTED_ORIGINS = env.list("PMDM_CSRF_ORIGINS", default=[])
# How many proxies in front are ours; X-Forwarded-For is believed for that many hops only.
TRUSTED_PROXIES = env.int("PMDM_TRUSTED_PROXIES", default=0)
# What amounts of several projects are added up in; the rates of the other currencies are stated to it.
BASE_CURRENCY = env("PMDM_BASE_CURRENCY", default="EUR")
if not (len(BASE_CURRENCY) == 3 and BASE_CURRENCY.isascii() and BASE_CURRENCY.isalpha() and BASE_CURRENCY.isupper()):
    raise ImproperlyConfigured(f"PMDM_BASE_CURRENCY is {BASE_CURRENCY!r}; it must be three capital letters: EUR.")
SITE_URL = env("PMDM_SITE_URL", default="" if PRODUCTION else "http://127.0.0.1:8000")
if PRODUCTION and not SITE_URL.startswith("https://"):
    raise ImproperlyConfigured("PMDM_SITE_URL must be set to the address people use, e.g. https://pmdm.example.org.")

# --- Apps -------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "pmdm.ui",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "django_structlog",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "pmdm.accounts",
    "pmdm.activity",
    "pmdm.worktime",
    "pmdm.registers",
    "pmdm.kpis",
    "pmdm.jobs",
    "pmdm.files",
    "pmdm.interchange",
    "pmdm.charts",
    "pmdm.local",
    "projects",
    "delivery",
    "handover",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "pmdm.middleware.ServiceUnavailableMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pmdm.accounts.middleware.SignInRequiredMiddleware",
    "pmdm.accounts.middleware.RateLimitMiddleware",
    "pmdm.accounts.middleware.PrivatePagesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "pmdm.activity.middleware.ActorMiddleware",
    "pmdm.jobs.middleware.WakeWorkerMiddleware",
]

ROOT_URLCONF = "pmdm.urls"
WSGI_APPLICATION = "pmdm.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pmdm.ui.context.shell",
            ],
            "builtins": [
                "pmdm.ui.templatetags.ui",
                "pmdm.charts.templatetags.charts",
                "pmdm.files.templatetags.files",
                "django.templatetags.i18n",
                "pmdm.ui.templatetags.lean",  # After those whose tags it makes faster.
            ],
        },
    }
]
FORM_RENDERER = "pmdm.ui.forms.Renderer"

# --- Database and Redis -----------------------------------------------------------------------------------

DATABASE_URL = env("DATABASE_URL", default="")
REDIS_URL = env("REDIS_URL", default="")
if PRODUCTION and not (DATABASE_URL and REDIS_URL):
    raise ImproperlyConfigured("DATABASE_URL and REDIS_URL must be set in production.")
if not DATABASE_URL or not REDIS_URL:
    # Addresses only; `manage.py` and the tests start the engines that answer there.
    from pmdm.local.engines import urls as engine_urls

    local_database, local_redis = engine_urls()
    DATABASE_URL = DATABASE_URL or local_database
    REDIS_URL = REDIS_URL or local_redis

DATABASES = {
    "default": {
        **environ.Env.db_url_config(DATABASE_URL),
        "ENGINE": "django.db.backends.postgresql",
        "ATOMIC_REQUESTS": True,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "pool": {
                "min_size": 1,
                "max_size": env.int("PMDM_DB_POOL", default=12),
                "timeout": 3,
                "max_lifetime": 1800,
            },
            "options": "-c statement_timeout=8000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=60000",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "pmdm.jobs.cache.JSONRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "pmdm",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# --- Celery -----------------------------------------------------------------------------------------------

# Read by pmdm.celery with the prefix CELERY_. Why each value: docs/operations.md, "Work in the background".
CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_TIME_LIMIT = 100
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME / "run" / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "pmdm.jobs.tasks.beat_heartbeat", "schedule": 10.0},
    "sweep": {"task": "pmdm.jobs.tasks.sweep", "schedule": 5.0},
    "recompute-dirty-kpis": {"task": "pmdm.kpis.tasks.recompute_dirty", "schedule": 5.0},
    "periodic": {"task": "pmdm.jobs.tasks.run_periodic", "schedule": 60.0},
    "fetch-mail": {"task": "delivery.tasks.fetch_mail", "schedule": 60.0},
    "escalate": {"task": "delivery.tasks.escalate", "schedule": 15.0},
    "unheard-complaints": {"task": "delivery.tasks.unheard_complaints", "schedule": 30.0},
    "late-updates": {"task": "delivery.tasks.late_updates", "schedule": 15.0},
}

# --- People and sign-in -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "pmdm.accounts.backends.RoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
HOME_URL_NAME = "kpis:portfolio"
CLIENT_HOME_URL_NAME = "handover:portal"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "pmdm.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody can have us write to a stranger
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
MFA_ADAPTER = "pmdm.accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_TOTP_ISSUER = "PMDM"
# Addresses are an administrator's to set, and the invitation went there: nothing is left to verify.
MFA_ALLOW_UNVERIFIED_EMAIL = True
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# Rate limits, in requests per window: see pmdm.accounts.middleware.RateLimitMiddleware.
RATE_LIMITS_ON = env.bool("PMDM_RATE_LIMITS", default=ENVIRONMENT != "test")
if PRODUCTION and not RATE_LIMITS_ON:
    raise ImproperlyConfigured("PMDM_RATE_LIMITS must stay on in production.")
if not RATE_LIMITS_ON:
    ACCOUNT_RATE_LIMITS = False

# --- Mail -------------------------------------------------------------------------------------------------

# Named without EMAIL_: Django refuses its old names beside MAILERS.
MAIL_URL = env("EMAIL_URL", default="")


def _mailer() -> dict[str, Any]:
    if not MAIL_URL:
        if PRODUCTION:
            raise ImproperlyConfigured("EMAIL_URL must be set in production, e.g. smtp+tls://user:password@host:587.")
        return {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": str(HOME / "mail")},
        }
    found = environ.Env.email_url_config(MAIL_URL)
    if not found["EMAIL_BACKEND"].endswith("smtp.EmailBackend"):
        return {"BACKEND": found["EMAIL_BACKEND"]}
    return {
        "BACKEND": found["EMAIL_BACKEND"],
        "OPTIONS": {
            "host": found["EMAIL_HOST"],
            "port": found["EMAIL_PORT"],
            "username": found["EMAIL_HOST_USER"] or "",
            "password": found["EMAIL_HOST_PASSWORD"] or "",
            "use_tls": found.get("EMAIL_USE_TLS", False),
            "use_ssl": found.get("EMAIL_USE_SSL", False),
            "timeout": 10,
        },
    }


MAILERS = {"default": _mailer()}
DEFAULT_FROM_EMAIL = env("PMDM_FROM_EMAIL", default="PMDM <pmdm@localhost>")

# Where mail to products is fetched from: imaps://user:password@host:993/INBOX, several separated by spaces.
MAIL_IMAP_URLS = env("PMDM_IMAP_URLS", default="").split()
for url in MAIL_IMAP_URLS:
    if not url.startswith(("imaps://", "imap://")):
        raise ImproperlyConfigured("PMDM_IMAP_URLS must name mailboxes as imaps://user:password@host:993/INBOX.")
# The name by which our own mail server signs Authentication-Results; '' where it checks nothing.
MAIL_AUTHSERV_ID = env("PMDM_MAIL_AUTHSERV_ID", default="")

# --- Language and time ------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [ROOT / "templates" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Files ------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
# Collected files are for production; elsewhere they are served from where they lie.
STATIC_ROOT = env("PMDM_STATIC_ROOT", default=str(HOME / "static")) if PRODUCTION else None
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "pmdm.ui.storage.ModuleStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG or ENVIRONMENT == "test"  # a test client would list all files anew
MEDIA_ROOT = HOME / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# --- Browser security -------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "pmdm.views.csrf_failure"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("PMDM_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
    SECURE_HSTS_SECONDS = env.int("PMDM_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# --- Audit trail ------------------------------------------------------------------------------------------

# pghistory carries who acts into the database session; the triggers are ours (pmdm.activity, pmdm.kpis). They are
# installed after every migrate rather than written into migrations: one statement each, always those of the code.
PGTRIGGER_MIGRATIONS = False
PGTRIGGER_INSTALL_ON_MIGRATE = True

# --- Logging ----------------------------------------------------------------------------------------------

# One line per event; tracebacks are plain: the default renders every local variable, for minutes, with its secrets.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info,
        structlog.stdlib.render_to_log_kwargs,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {
        "handlers": ["console"],
        "level": env("PMDM_LOG_LEVEL", default="WARNING" if ENVIRONMENT == "test" else "INFO"),
    },
    "loggers": {
        "django_structlog": {"level": "WARNING"},
        "pgtrigger": {"level": "WARNING"},
    },
}

# --- Tests ------------------------------------------------------------------------------------------------

if ENVIRONMENT == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # A busy machine is slow, not wrong: the limits of production would decide tests there. These end what hangs.
    DATABASES["default"]["OPTIONS"] |= {
        "options": "-c statement_timeout=300000 -c lock_timeout=120000 -c idle_in_transaction_session_timeout=600000",
        "pool": {**DATABASES["default"]["OPTIONS"]["pool"], "timeout": 120},
    }
    # A page that asks once for each row fails its test.
    INSTALLED_APPS.append("zeal")
    MIDDLEWARE.insert(0, "zeal.middleware.zeal_middleware")
    ZEAL_NPLUSONE_THRESHOLD = 3
    ZEAL_SHOW_ALL_CALLERS = True
    # A form that names three people asks for each of them; that is no list.
    ZEAL_ALLOWLIST = [{"model": "accounts.User", "field": "get()"}]
