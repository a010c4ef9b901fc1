"""Production refuses what would be unsafe, names what is missing, and passes Django's own deployment check."""

import os
import secrets
import subprocess
import sys

import pytest

from pmdm.local.places import ROOT

PRODUCTION = {
    "PMDM_ENV": "production",
    "PMDM_SECRET_KEY": secrets.token_urlsafe(64),
    "PMDM_ALLOWED_HOSTS": "pmdm.example.org",
    "PMDM_SITE_URL": "https://pmdm.example.org",
    "DATABASE_URL": "postgres://pmdm:password@127.0.0.1:1/pmdm",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
}
OURS = ("PMDM_", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DJANGO_")


def manage(*arguments, **environment):
    """manage.py in a process of its own, with this environment and nothing of ours besides."""
    rest = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:pmdm", "manage.py", *arguments],
        cwd=ROOT,
        env=rest | {name: value for name, value in environment.items() if value is not None},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_production_settings_pass_the_deployment_check():
    done = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"PMDM_SECRET_KEY": None}, "PMDM_SECRET_KEY must be set"),
        ({"PMDM_SECRET_KEY": "short"}, "at least 50"),
        ({"PMDM_SECRET_KEY": "a" * 60}, "random"),
        ({"PMDM_SECRET_KEY": "django-insecure-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"}, "random"),
        ({"PMDM_DEMO": "true"}, "PMDM_DEMO must not be on in production"),
        ({"PMDM_DEBUG": "true"}, "PMDM_DEBUG must not be on in production"),
        ({"PMDM_ALLOWED_HOSTS": None}, "PMDM_ALLOWED_HOSTS must"),
        ({"PMDM_ALLOWED_HOSTS": "*"}, "PMDM_ALLOWED_HOSTS must"),
        ({"PMDM_SITE_URL": None}, "PMDM_SITE_URL must"),
        ({"PMDM_RATE_LIMITS": "false"}, "PMDM_RATE_LIMITS must"),
        ({"DATABASE_URL": None}, "DATABASE_URL and REDIS_URL must be set"),
        ({"REDIS_URL": None}, "DATABASE_URL and REDIS_URL must be set"),
        ({"EMAIL_URL": None}, "EMAIL_URL must be set"),
        ({"PMDM_ENV": "prod"}, "must be one of local, test, production"),
        ({"PMDM_DB_POOL": "many"}, "PMDM_DB_POOL"),
    ],
    ids=str,
)
def test_production_does_not_start_with(change, words):
    done = manage("check", **(PRODUCTION | change))
    assert done.returncode != 0
    assert words in done.stderr
