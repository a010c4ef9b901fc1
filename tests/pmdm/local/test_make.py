"""What `make` does before there is a .venv, and how it counts tests."""

import re
import subprocess
import sys
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from pmdm.local import browser, run_tests
from pmdm.local.places import ROOT

PICKER = ROOT / "pmdm" / "local" / "pick-python.sh"


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def pick(tmp_path, **env):
    """Run the picker on a machine that has only what the test put there (and what the system has in /usr)."""
    env = {"PATH": f"{tmp_path}/path:/usr/bin:/bin", "HOME": str(tmp_path / "nobody"), **env}
    return subprocess.run(["sh", str(PICKER)], env=env, capture_output=True, text=True, check=False)


def test_a_shim_that_does_not_run_is_passed_over_for_pyenvs_own_folder(tmp_path):
    script(tmp_path / "path" / "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    real = tmp_path / "pyenv" / "versions" / "3.13.0" / "bin" / "python3.13"
    script(real, f'exec {sys.executable} "$@"')
    picked = pick(tmp_path, PYENV_ROOT=str(tmp_path / "pyenv"))
    assert picked.returncode == 0, picked.stderr
    version = subprocess.run(
        [picked.stdout.strip(), "-c", "import sys; print(sys.version_info >= (3, 12))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert version.stdout == "True\n"


def test_a_python_in_a_folder_with_a_space_is_found(tmp_path):
    real = tmp_path / "my pyenv" / "versions" / "3.13.0" / "bin" / "python3.13"
    script(real, f'exec {sys.executable} "$@"')
    assert pick(tmp_path, PYENV_ROOT=str(tmp_path / "my pyenv")).returncode == 0


def test_a_python_that_is_named_has_to_be_new_enough(tmp_path):
    old = script(tmp_path / "old", "exit 1")
    picked = pick(tmp_path, PYTHON=str(old))
    assert picked.returncode == 1
    assert picked.stderr == f"PYTHON is {old}, which is not a Python 3.12 or newer.\n"


def test_make_alone_lists_the_targets():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("run", "test", "check", "demo", "bench", "backup", "restore"):
        assert f"make {target} " in listed


REPORT = """<testsuites><testsuite>
<testcase classname="a" name="one"/><testcase classname="a" name="two"/>
<testcase classname="a" name="three"><failure message="no"/></testcase>
<testcase classname="a" name="four"><skipped message="no such folder"/></testcase>
</testsuite></testsuites>"""


def test_the_count_says_what_ran_and_what_did_not(tmp_path, capsys):
    (tmp_path / "junit.xml").write_text(REPORT)
    tally = run_tests.Tally()
    tally.add(tmp_path / "junit.xml")
    run_tests.report(tally, seconds=7, without_browser=True)
    said = capsys.readouterr().out
    assert "3 tests ran in 7 s: 2 passed, 1 failed." in said
    assert "1 skipped: no such folder" in said
    assert "LEFT OUT: all browser tests." in said


@pytest.fixture
def phases(monkeypatch):
    """Phases that would run, without running them."""
    ran = []

    def run(phase, tests, tally):
        ran.append(phase.name)
        tally.counts.update(passed=1)

    monkeypatch.setattr(run_tests, "run", run)
    monkeypatch.setattr(run_tests, "background", lambda *arguments: nullcontext(run(*arguments)))
    return ran


def test_without_a_browser_the_rest_runs_and_passes(phases, monkeypatch, capsys):
    monkeypatch.setattr(run_tests, "get_browser", lambda: None)
    assert run_tests.main([]) == 0
    assert phases == ["fault", "unit and database"]
    assert "LEFT OUT" in capsys.readouterr().out


def test_with_a_browser_everything_runs(phases, monkeypatch, capsys):
    monkeypatch.setenv("PMDM_BROWSER", "")
    monkeypatch.setattr(run_tests, "get_browser", lambda: "/usr/bin/chromium")
    assert run_tests.main([]) == 0
    assert phases == ["fault", "unit, database and browser"]
    assert "LEFT OUT" not in capsys.readouterr().out


def test_files_are_found_by_the_marker_in_their_text():
    found = run_tests.files_marked("fault")
    assert {"tests/fault/test_kills.py", "tests/pmdm/local/test_up.py"} <= set(found)
    assert "tests/pmdm/local/test_make.py" not in found


def test_no_test_at_all_is_no_success(monkeypatch):
    monkeypatch.setattr(run_tests, "get_browser", lambda: None)
    monkeypatch.setattr(run_tests, "run", lambda phase, tests, tally: None)
    monkeypatch.setattr(run_tests, "background", lambda *arguments: nullcontext())
    assert run_tests.main([]) == 1


@pytest.mark.parametrize("code", [0, 1])
def test_what_runs_in_the_background_is_counted_and_heard(code, monkeypatch, capsys):
    """It begins before the others and is waited for after them; its failure is a failure."""
    code_of_it = "import sys; open(sys.argv[1], 'w').write(sys.argv[2]); print('killed'); sys.exit(int(sys.argv[3]))"

    def command(phase, tests, folder):
        return [sys.executable, "-c", code_of_it, str(folder / run_tests.JUNIT), REPORT, str(code)]

    monkeypatch.setattr(run_tests, "command", command)
    tally = run_tests.Tally()
    with run_tests.background(run_tests.BACKGROUND, [], tally):
        sys.stdout.write("the others")
    assert re.search("the others.*== fault tests.*killed", capsys.readouterr().out, re.DOTALL)
    assert (tally.failed, tally.counts["passed"], tally.counts["failure"]) == (bool(code), 2, 1)


def test_a_browser_that_is_only_a_stub_is_none(tmp_path, monkeypatch):
    stub = script(tmp_path / "chromium", "echo 'requires the chromium snap to be installed' >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PMDM_BROWSER", str(stub))
    monkeypatch.setattr(browser, "PLACES", ())
    monkeypatch.setattr(browser, "playwrights_own", lambda: iter([]))
    assert browser.find_browser() is None
    script(tmp_path / "google-chrome", "echo Google Chrome 130")
    assert browser.find_browser() == str(tmp_path / "google-chrome")


def test_a_headless_shell_comes_before_a_whole_browser(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PMDM_BROWSER", "")
    monkeypatch.setattr(browser, "PLACES", ())
    whole = script(tmp_path / "chromium", "echo Chromium 156")
    monkeypatch.setattr(browser, "playwrights_own", lambda: iter([]))
    assert browser.find_browser() == str(whole)
    shell = script(tmp_path / "chromium-headless-shell", "echo Chromium 156")
    assert browser.find_browser() == str(shell)
    named = script(tmp_path / "mine", "echo Chromium 150")
    monkeypatch.setenv("PMDM_BROWSER", str(named))
    assert browser.find_browser() == str(named)


def test_playwrights_own_shell_is_found_beside_its_browser(tmp_path, monkeypatch):
    from playwright import sync_api

    whole = script(tmp_path / "chromium-1200" / "chrome-linux64" / "chrome", "echo Chromium")
    shell = tmp_path / "chromium_headless_shell-1200" / "chrome-headless-shell-linux64" / "chrome-headless-shell"
    older = script(tmp_path / "chromium_headless_shell-1100" / "chrome-linux" / "headless_shell", "echo Chromium")
    playwright = SimpleNamespace(chromium=SimpleNamespace(executable_path=str(whole)))
    monkeypatch.setattr(sync_api, "sync_playwright", lambda: nullcontext(playwright))
    assert list(browser.playwrights_own()) == [str(whole)]
    script(shell, "echo Chromium")
    assert list(browser.playwrights_own()) == [str(shell), str(whole)]
    assert older.exists()
