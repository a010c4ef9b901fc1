"""docker-compose.yml and Dockerfile can't be run by the tests, so they are read and compared with the code."""

import os
import re
import secrets
import subprocess
import sys

import pytest
import yaml

from pmdm.local.binaries import find_postgres
from pmdm.local.places import ROOT
from pmdm.local.production_lock import production_part

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
APP_SERVICES = ("migrate", "web", "worker", "beat")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SETTINGS = (ROOT / "pmdm" / "settings.py").read_text()

# What an administrator would write into .env.
ANSWERS = {
    "PMDM_SECRET_KEY": secrets.token_urlsafe(60),
    "POSTGRES_PASSWORD": "pgpw",
    "REDIS_PASSWORD": "redispw",
    "PMDM_ALLOWED_HOSTS": "pmdm.example.com",
    "PMDM_CSRF_ORIGINS": "https://pmdm.example.com",
    "PMDM_SITE_URL": "https://pmdm.example.com",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.com:587",
}
VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")


def filled(value) -> str:
    """The value as compose passes it on, with .env as in ANSWERS."""
    return VARIABLE.sub(lambda found: ANSWERS.get(found[1]) or (found[3] if found[2] == "-" else ""), str(value))


def environment(service: str) -> dict[str, str]:
    return {name: filled(value) for name, value in SERVICES[service]["environment"].items()}


def image_environment() -> dict[str, str]:
    block = re.search(r"^ENV (.*?[^\\])$", DOCKERFILE, re.MULTILINE | re.DOTALL)
    return dict(word.split("=", 1) for word in block[1].replace("\\\n", " ").split())


def read_by_settings() -> set[str]:
    return set(re.findall(r"""env(?:\.\w+)?\(\s*"(\w+)\"""", SETTINGS))


def test_it_has_these_services():
    assert set(SERVICES) == {"postgres", "redis", *APP_SERVICES}


def test_every_variable_it_sets_is_read_by_settings():
    assert set(environment("web")) <= read_by_settings()
    assert set(image_environment()) - {"PYTHONUNBUFFERED"} <= read_by_settings()


def test_all_parts_of_the_product_have_the_same_settings():
    assert all(environment(service) == environment("web") for service in APP_SERVICES)


def test_production_settings_accept_exactly_these_variables():
    env = {"PATH": os.environ["PATH"], **image_environment(), **environment("web")}
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("missing", sorted(set(ANSWERS) - {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}))
def test_what_an_administrator_forgets_stops_compose(missing):
    for service in APP_SERVICES:
        marks = [found for value in SERVICES[service]["environment"].values() for found in VARIABLE.findall(str(value))]
        assert [mark for name, mark, _ in marks if name == missing] == ["?"]


def test_no_secret_has_a_default():
    for found in VARIABLE.finditer((ROOT / "docker-compose.yml").read_text()):
        if re.search("SECRET|PASSWORD|EMAIL_URL", found[1]):
            assert found[2] == "?", f"{found[1]} would start with a default"
    for name, service in SERVICES.items():
        for variable, value in service["environment"].items():
            if re.search("SECRET|PASSWORD|AUTH|_URL$|KEY", variable):
                assert VARIABLE.search(str(value)), f"{name} has a literal {variable}"
    assert not re.search("SECRET|PASSWORD|KEY|_URL", " ".join(image_environment()))


def test_engines_are_reached_at_their_services():
    assert environment("web")["DATABASE_URL"] == "postgres://pmdm:pgpw@postgres:5432/pmdm"
    assert environment("web")["REDIS_URL"] == "redis://:redispw@redis:6379/0"
    assert environment("postgres") | {"POSTGRES_INITDB_ARGS": ""} == {
        "POSTGRES_USER": "pmdm",
        "POSTGRES_DB": "pmdm",
        "POSTGRES_PASSWORD": "pgpw",
        "POSTGRES_INITDB_ARGS": "",
    }


def test_redis_keeps_what_it_is_given():
    command = " ".join(map(filled, SERVICES["redis"]["command"]))
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    assert "--requirepass redispw" in command


def test_our_backup_reads_that_postgresql():
    major = int(SERVICES["postgres"]["image"].split(":")[1])
    assert major <= find_postgres().major


def test_everything_that_stays_up_has_a_health_check():
    without = {name for name, service in SERVICES.items() if "healthcheck" not in service}
    assert without == {"migrate"}
    for service in SERVICES.values():
        for word in service.get("healthcheck", {}).get("test", []):
            if word.endswith(".py"):
                assert (ROOT / word).is_file()


def test_the_schema_is_brought_up_to_date_once_and_first():
    assert SERVICES["migrate"]["command"] == ["python", "manage.py", "migrate", "--noinput"]
    assert SERVICES["migrate"]["restart"] == "no"
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_celery_knows_every_option_and_there_is_one_beat():
    from celery.bin.celery import celery

    for name, command in (("worker", SERVICES["worker"]["command"]), ("beat", SERVICES["beat"]["command"])):
        assert command[:4] == ["celery", "-A", "pmdm", name]
        known = {option for parameter in celery.commands[name].params for option in parameter.opts}
        assert {word.partition("=")[0] for word in command[4:] if word.startswith("-")} <= known
    worker = SERVICES["worker"]["command"]
    assert worker[worker.index("--pool") + 1] == "prefork"
    assert not {"-B", "--beat"} & set(worker)


def test_the_image_serves_by_granian_with_options_it_knows():
    from granian.cli import cli

    command = re.findall(r'"([^"]+)"', DOCKERFILE[DOCKERFILE.index("CMD [") :])
    known = {option for parameter in cli.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert command[0] == "granian"
    assert {word for word in command if word.startswith("--")} <= known
    assert command[-1] == "pmdm.wsgi:application"
    assert SERVICES["web"].get("command") is None


def test_only_this_host_reaches_the_web_server():
    assert SERVICES["web"]["ports"] == ["127.0.0.1:${PMDM_PORT:-8000}:8000"]
    assert not any("ports" in SERVICES[name] for name in SERVICES if name != "web")


def test_the_image_has_our_python_and_is_nobody_special():
    assert f"FROM python:{(ROOT / '.python-version').read_text().strip()}-slim" in DOCKERFILE
    assert re.search(r"^USER pmdm$", DOCKERFILE, re.MULTILINE)
    assert "--require-hashes" in DOCKERFILE


def test_production_installs_no_tool_of_development():
    lock = (ROOT / "requirements.lock").read_text()
    names = {line.partition("==")[0] for line in production_part(lock).splitlines() if "==" in line}
    assert {"django", "celery", "granian", "psycopg-binary", "redis", "whitenoise"} <= names
    assert not {"pytest", "mypy", "ruff", "playwright", "hypothesis"} & names


def test_production_installs_all_that_is_asked_for():
    from importlib.metadata import PackageNotFoundError, requires

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    lock = (ROOT / "requirements.lock").read_text()
    names = {line.partition("==")[0] for line in production_part(lock).splitlines() if "==" in line}
    for name in names:
        try:
            needs = [Requirement(line) for line in requires(name) or []]
        except PackageNotFoundError:
            continue  # For another system than this one.
        missing = [
            need.name
            for need in needs
            if (not need.marker or need.marker.evaluate({"extra": ""})) and canonicalize_name(need.name) not in names
        ]
        assert not missing, f"{name} needs {missing}"
