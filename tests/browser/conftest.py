"""A real browser for the tests: pages in light and dark, wide and narrow, whose console must stay silent."""

import os

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect, sync_playwright

from pmdm.local.browser import find_browser

# Playwright's loop runs in the test's own thread; Django would refuse the database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

LOOKS = [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)]
HEIGHT = 900

# A busy machine is slow, not wrong.
expect.set_options(timeout=60_000)


@pytest.fixture(scope="session")
def chromium():
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium or Chrome on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium, live_server):
    """`new_page("/projects/", theme="dark", width=390, user=alice)`: a page of its own browser profile, loaded.

    Console errors and failed requests end the test; `page.expected_errors` lists texts that may occur,
    such as "422" where a form is meant to be refused.
    """
    contexts, pages = [], []

    def open_one(path="/", theme="light", width=1440, script=True, user=None):
        context = new_context(chromium, live_server.url, theme=theme, width=width, script=script, user=user)
        page = listened_to(context.new_page())
        contexts.append(context)
        pages.append(page)
        page.goto(path)
        return page

    yield open_one
    try:
        for page in pages:
            assert_silent(page)
    finally:
        for context in contexts:
            context.close()


def new_context(chromium, url, *, theme="light", width=1440, script=True, user=None, client=None):
    """A browser profile of its own, signed in as this person, or in the session of this test client."""
    context = chromium.new_context(
        base_url=url,
        viewport={"width": width, "height": HEIGHT},
        color_scheme=theme,
        java_script_enabled=script,
        reduced_motion="reduce",
    )
    context.set_default_timeout(60_000)
    if user is not None:
        client = client_of(user)
    if client is not None and settings.SESSION_COOKIE_NAME in client.cookies:
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])
    return context


def client_of(user) -> Client:
    """A test client signed in as this person."""
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def listened_to(page):
    """The page, keeping what its console says in ``page.errors``."""
    page.expected_errors, page.errors = [], []
    page.on("console", lambda line: page.errors.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    return page


def press(button) -> None:
    """Press what sends a form of its own page, and wait for the page that answers.

    Whoever goes on before may type into the old page, read the old state, or go elsewhere and lose what was sent.
    """
    with button.page.expect_navigation():
        button.click()


def choose(select, words: str) -> None:
    """The option that says so, whatever stands around it."""
    option = select.locator("option").filter(has_text=words).first
    option.wait_for(state="attached")
    select.select_option(label=option.inner_text())


def until(page, expression: str, arg=None) -> None:
    """Waits until JavaScript says yes: the page's policy forbids what ``wait_for_function`` asks for a second time."""
    for _try in range(300):
        if page.evaluate(expression, arg):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"Never became true: {expression}")


def assert_silent(page) -> None:
    """Fail with what the console said and nobody expected."""
    unexpected = [text for text in page.errors if not any(part in text for part in page.expected_errors)]
    assert unexpected == [], f"{page.url}: the console says {unexpected}"


def overflow(page) -> int:
    """Pixels by which the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
