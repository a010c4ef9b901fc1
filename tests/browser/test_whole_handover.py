"""A handover from planning to the exit of hypercare, by everybody whose job it is; one in two releases; one of a
project that was cancelled. No worker runs here: where one would, the test calls what it calls. Days that have to pass
are told by moving dates back."""

import datetime
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from delivery.models import Issue, Product
from handover.client import verbs as client_verbs
from handover.criteria import sweep
from handover.hypercare import verbs as hypercare
from handover.models import Criterion, Handover, Hypercare
from handover.transfer import actions
from tests import factories
from tests.browser.conftest import choose, press
from tests.browser.test_main_job import save, shown
from tests.handover.conftest import meet_all

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DAY = datetime.timedelta(days=1)
RECORD = "/projects/CLAIMS/handover/"
PEOPLE = {
    "alice": ("Alice Manager", "manager"),
    "dora": ("Dora Delivery", "delivery_manager"),
    "sam": ("Sam Sponsor", "sponsor"),
    "vera": ("Vera Verifier", "member"),
    "cleo": ("Cleo Client", "client"),
}


@pytest.fixture
def claims():
    """A project in planning with two requirements, both verified for the client; ``.people`` are those of the walks."""
    northwind = factories.make_organisation("Northwind")
    people = {
        name: factories.make_user(full, organisation=northwind if name == "cleo" else None)
        for name, (full, _role) in PEOPLE.items()
    }
    people["sue"] = factories.make_user("Sue Support")
    project = factories.make_project(people["alice"], code="CLAIMS", name="Claims portal", client=northwind)
    for name, (_full, role) in PEOPLE.items():
        if role != "manager":
            factories.join(project, people[name], role)
    for title in ("Report a claim", "Sign online"):
        verified(project, people, title)
    project.__dict__.pop("key_people", None)
    project.people = people
    return project


def verified(project, people, title: str):
    requirement = factories.make_requirement(project, title=title)
    line = requirement.add_criterion("Shown to the client")
    requirement.move_on("reviewed")
    requirement.approve(by=people["sam"])
    requirement.move_on("built")
    line.requirement = requirement
    line.record("pass", by=project.manager, evidence="Protocol 7")
    requirement.verify(by=project.manager)
    return requirement


def end(project, state="closed"):
    type(project).objects.filter(pk=project.pk).update(state=state)


def pages(new_page, project, *names: str) -> list[Page]:
    """Each in a browser of their own; the client on a phone."""
    found = [new_page("/", user=project.people[name], width=390 if name == "cleo" else 1440) for name in names]
    for page in found:
        page.on("dialog", lambda dialog: dialog.accept())
    return found


def start(page: Page, *, release: str = ""):
    page.goto(RECORD)
    if (fold := page.get_by_text("Open another handover", exact=True)).count():
        fold.click()
    if release:
        page.get_by_label("A release: the project goes on").check()
        page.get_by_label("Title").fill(release)
    press(page.get_by_role("button", name="Open the handover"))
    expect(page.get_by_role("button", name="Sign and submit")).to_be_visible()


def submit(page: Page):
    page.goto(RECORD)
    press(page.get_by_role("button", name="Sign and submit"))
    shown(page, "Waiting for Dora Delivery to accept or return it.")


def accept(page: Page):
    page.goto(RECORD)
    press(page.get_by_role("button", name="Begin the review"))
    press(page.get_by_role("button", name="Sign and accept"))
    expect(page).to_have_url(re.compile(r"/products/CLAIMS/"))


# --- From planning to the exit of hypercare ---------------------------------------------------------------


def test_from_planning_to_the_exit_of_hypercare(claims, new_page):
    alice, dora, vera, cleo, sue = pages(new_page, claims, "alice", "dora", "vera", "cleo", "sue")
    start(alice)
    record = claims.handovers.get()
    roster, manual = two_lines(record)
    the_receiver_speaks_up_in_planning(dora, alice, roster)
    factories.make_issue(claims, title="Search is slow")
    end(claims)
    an_open_item_is_decided(alice)
    evidence_and_verdict(alice, vera, roster)
    a_waiver(alice, dora, manual)
    the_client_accepts(alice, cleo)
    the_receiving_team(alice)
    submit(alice)
    one_return(dora, alice, roster)
    accept(dora)
    assert [one.outcome for one in record.rounds.order_by("number")] == ["returned", "accepted"]
    the_waiver_comes_back_as_an_issue(sue, manual)
    the_exit(dora, record)
    the_relapse(sue, dora, record)


def two_lines(record: Handover) -> list[Criterion]:
    """Two of the lines it begins with, verified by Vera: what holds for two holds for all."""
    keep = list(record.criteria.filter(is_required=True, owner=record.giver)[:2])
    record.criteria.exclude(pk__in=[line.pk for line in keep]).delete()
    record.criteria.update(verifier=record.project.memberships.get(user__name="Vera Verifier").user)
    return list(record.criteria.in_order())


def url_of(line: Criterion) -> str:
    return f"{RECORD}1/criteria/{line.pk}/"


def the_receiver_speaks_up_in_planning(receiver: Page, manager: Page, line: Criterion):
    receiver.goto(url_of(line))
    receiver.get_by_role("textbox", name="Comment").fill("Say who answers at night.")
    press(receiver.get_by_role("button", name="Comment", exact=True))
    shown(receiver, "Say who answers at night.")
    manager.goto(url_of(line))
    shown(manager, "Say who answers at night.")


def an_open_item_is_decided(page: Page):
    page.goto(f"{RECORD}1/open-items/")
    press(page.get_by_role("button", name="Look again"))
    row = page.locator("#list tbody tr").filter(has_text="Search is slow")
    row.get_by_role("checkbox").check()
    choose(page.locator("#decide-form").get_by_label("Decision"), "Carry over")
    press(page.locator("#decide-form").get_by_role("button", name="Decide", exact=True))
    expect(row.locator("b")).to_be_visible()


def evidence_and_verdict(manager: Page, verifier: Page, line: Criterion):
    manager.goto(url_of(line))
    manager.get_by_role("textbox", name="Evidence").fill("The roster of March, page 2")
    press(manager.get_by_role("button", name="Save the evidence"))
    shown(manager, "The roster of March, page 2")
    # What the verifier has to do stands first on their page of the handover.
    verifier.goto(RECORD)
    step = verifier.get_by_role("region", name="Your next step")
    step.get_by_role("link", name="1 required criterion waits to be verified.").click()
    press(verifier.get_by_role("button", name="Met", exact=True))
    expect(verifier.locator("dt", has_text=re.compile("^Met$"))).to_be_visible()


def a_waiver(manager: Page, receiver: Page, line: Criterion):
    manager.goto(url_of(line))
    manager.locator("summary", has_text="Ask for a waiver").click()
    form = manager.locator("details[open]")
    form.get_by_label("Why it cannot be met now").fill("The printer delivers in May.")
    form.get_by_label("Until").fill(str(timezone.localdate() + 20 * DAY))
    form.get_by_label("Approver").select_option("Dora Delivery")
    press(form.get_by_role("button", name="Ask", exact=True))
    shown(manager, "Dora Delivery has to decide")
    receiver.goto(RECORD)
    receiver.get_by_role("link", name="1 waiver waits for an answer.").click()
    press(receiver.get_by_role("button", name=re.compile("^Waive it until")))
    shown(receiver, "approved by")


def the_client_accepts(manager: Page, client: Page):
    manager.goto(f"{RECORD}1/client/")
    press(manager.get_by_role("button", name="Ask the client to accept"))
    expect(manager.get_by_role("button", name="Ask the client to accept")).to_have_count(0)
    client.goto("/projects/CLAIMS/acceptance/")
    for number, title in enumerate(("Report a claim", "Sign online"), 1):
        press(client.get_by_role("button", name=re.compile(f"^Accept ?: {title}")))
        shown(client, f"{number} of 2 decided")
    # Comments and open items are none of the client's business.
    expect(client.get_by_text("Say who answers at night.")).to_have_count(0)


def the_receiving_team(page: Page):
    page.goto(f"{RECORD}1/knowledge/")
    page.get_by_role("combobox", name="Person").select_option("Sue Support")
    press(page.get_by_role("button", name="Add", exact=True))
    shown(page, "Sue Support")


def one_return(receiver: Page, manager: Page, line: Criterion):
    receiver.goto(RECORD)
    press(receiver.get_by_role("button", name="Begin the review"))
    remarks = receiver.get_by_role("region", name="What you would like put right")
    choose(remarks.get_by_label("Line"), line.text[:40])
    remarks.get_by_label("What is missing").fill("The roster ends in June.")
    press(remarks.get_by_role("button", name="Note it"))
    expect(remarks.get_by_role("button", name=re.compile("^Take back"))).to_be_visible()
    press(receiver.get_by_role("button", name="Return with reasons"))
    expect(receiver.get_by_role("button", name="Return with reasons")).to_have_count(0)
    shown(receiver, "The roster ends in June.")
    manager.goto(RECORD)
    manager.get_by_label(re.compile("^What was done about")).fill("It goes on until December now.")
    press(manager.get_by_role("button", name=re.compile("^Answer ?:")))
    shown(manager, "It goes on until December now.")
    submit(manager)


def the_waiver_comes_back_as_an_issue(support: Page, line: Criterion):
    Criterion.objects.filter(pk=line.pk).update(waiver_expires=timezone.localdate())
    assert sweep.expire(timezone.now()) == 1
    assert sweep.expire(timezone.now()) == 0
    support.goto("/products/CLAIMS/issues/")
    support.get_by_role("link", name=re.compile("^Waiver has ended")).click()
    shown(support, "The printer delivers in May.")
    resolve(support, "The manual is printed.")


def resolve(page: Page, words: str):
    page.get_by_role("link", name="Resolve").click()
    page.get_by_label("Resolution").fill(words)
    save(page)
    shown(page, words)


def the_exit(page: Page, record: Handover):
    row, now = Hypercare.objects.get(handover=record), timezone.now()
    Hypercare.objects.filter(pk=row.pk).update(started_at=now - 31 * DAY, until=now - DAY)
    leave(page)


def leave(page: Page):
    page.goto("/products/CLAIMS/hypercare/")
    shown(page, "Eligible: every meter is met")
    page.get_by_role("textbox", name="What the exit rests on").fill("A month without a critical issue")
    press(page.get_by_role("button", name="End hypercare"))
    expect(page.locator(".lead").get_by_text("Ended", exact=True)).to_be_visible()


def the_relapse(support: Page, owner: Page, record: Handover):
    support.goto("/products/CLAIMS/issues/new/")
    support.get_by_label("Title").fill("Everything is down")
    support.get_by_label("Type").select_option("Bug")
    support.get_by_label("Priority", exact=True).select_option("Critical")
    press(support.get_by_role("button", name="Report it"))
    expect(support.get_by_role("heading", level=1)).to_contain_text("Everything is down")
    assert hypercare.watch_all(timezone.now()) == 1
    owner.goto("/products/CLAIMS/hypercare/")
    shown(owner, "Began again")
    shown(owner, "until eligible")
    expect(owner.get_by_role("button", name="End hypercare")).to_have_count(0)
    press(support.get_by_role("button", name="Take it"))
    expect(support.get_by_role("button", name="Take it")).to_have_count(0)
    resolve(support, "A certificate had expired.")
    # Six weeks later.
    Issue.objects.filter(title="Everything is down").update(
        created_at=timezone.now() - 41 * DAY, resolved_at=timezone.now() - 40 * DAY
    )
    Hypercare.objects.filter(handover=record).update(started_at=timezone.now() - 80 * DAY, until=timezone.now() - DAY)
    leave(owner)
    assert Product.objects.get().stage == "live"


# --- By keyboard -------------------------------------------------------------------------------------------


def test_a_condition_is_met_and_confirmed_by_keyboard_alone(claims, new_page):
    end(claims)
    people, record = claims.people, actions.start(claims, by=claims.people["alice"])
    all_met(claims)
    client_verbs.record_all(record, by=people["alice"], protocol="Folder 3")
    actions.submit(record, by=people["alice"])
    due = timezone.localdate() + 5 * DAY
    actions.accept(record, by=people["dora"], conditions=[actions.Wanted("Night roster", people["vera"], due)])
    vera, dora = pages(new_page, claims, "vera", "dora")
    vera.goto("/handovers/")
    tab_to(vera, "Night roster")
    vera.keyboard.press("Enter")
    expect(vera).to_have_url(re.compile(r"/handover/1/#conditions"))
    tab_to(vera, "Evidence: Night roster")
    vera.keyboard.type("Roster of March")
    tab_to(vera, "Done : Night roster")
    vera.keyboard.press("Enter")
    shown(vera, "Dora Delivery has to confirm it")
    dora.goto(f"{RECORD}1/")
    tab_to(dora, "Confirm : Night roster")
    dora.keyboard.press("Enter")
    shown(dora, "confirmed by Dora Delivery")


def tab_to(page: Page, name: str):
    """Press Tab until what has the focus is called so; an element without a visible focus would be a trap."""
    page.wait_for_load_state()
    for _step in range(120):
        page.keyboard.press("Tab")
        if page.evaluate(NAME_OF_FOCUS) == name:
            return
    raise AssertionError(f"{page.url}: Tab never reaches “{name}”.")


NAME_OF_FOCUS = """() => {
    const at = document.activeElement, label = at.labels && at.labels[0];
    const colon = at.tagName === "BUTTON" ? " : " : ": ";
    return ((label || at).textContent || "").trim().replace(/\\s+/g, " ").replace(/ ?: /, colon);
}"""


# --- Two releases, and the thread -------------------------------------------------------------------------


def test_two_releases_and_the_thread_of_a_requirement(claims, new_page):
    claims.client = None
    claims.save(update_fields=["client"])
    alice, dora = pages(new_page, claims, "alice", "dora")
    a_release(alice, dora, claims)
    product = Product.objects.get()
    assert [one.title for one in product.requirements.all()] == ["Report a claim"]
    alice.goto("/projects/CLAIMS/")
    expect(alice.get_by_text("This project is closed and read-only.")).to_have_count(0)
    end(claims)
    the_rest(alice, dora, claims)
    assert Product.objects.get() == product
    assert sorted(one.title for one in product.requirements.all()) == ["Report a claim", "Sign online"]
    alice.goto("/stories/CLAIMS/")
    for number, title in enumerate(("Report a claim", "Sign online"), 1):
        line = alice.locator(".chain > li").filter(has_text=title)
        expect(line).to_contain_text(f"carried by HO-{number}")
    the_thread_both_ways(dora, product)


def a_release(giver: Page, receiver: Page, project):
    start(giver, release="Release 1")
    giver.goto(f"{RECORD}1/client/")
    giver.get_by_label(re.compile("Report a claim")).check()
    press(giver.get_by_role("button", name="Save the choice"))
    expect(giver.get_by_label(re.compile("Report a claim"))).to_be_checked()
    expect(giver.get_by_label(re.compile("Sign online"))).not_to_be_checked()
    all_met(project)
    submit(giver)
    accept(receiver)


def the_rest(giver: Page, receiver: Page, project):
    start(giver)
    shown(giver, "All that is left of the project")
    giver.goto(f"{RECORD}2/client/")
    shown(giver, "Sign online")
    all_met(project)
    submit(giver)
    accept(receiver)


def all_met(project):
    """Its lines are not what these walks are about."""
    record = project.handovers.open().get()
    record.project = project
    meet_all(record)


def the_thread_both_ways(page: Page, product: Product):
    """From the promise to a live issue, and from the issue back to the promise; nothing but links."""
    kept = product.requirements.get(title="Report a claim")
    Issue.report(
        product, by=product.delivery_manager, title="Photos are lost", type="bug", severity=2, requirement=kept
    )
    page.goto("/projects/CLAIMS/requirements/1/")
    page.get_by_role("link", name="The whole thread").click()
    expect(page).to_have_url(re.compile(r"/stories/CLAIMS/requirements/1/"))
    shown(page, "Protocol 7")
    page.get_by_role("link", name="HO-1").first.click()
    shown(page, "Dora Delivery has been responsible")
    page.go_back()
    page.get_by_role("link", name=re.compile(f"CLAIMS {kept.ref}$")).last.click()
    expect(page).to_have_url(re.compile(r"/products/CLAIMS/requirements/"))
    page.get_by_role("link", name=re.compile("Photos are lost")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Photos are lost")
    # And back.
    page.locator("main").get_by_role("link", name=re.compile("Report a claim")).first.click()
    expect(page).to_have_url(re.compile(r"/products/CLAIMS/requirements/"))
    page.get_by_role("link", name="The whole thread").click()
    page.get_by_role("link", name="CLAIMS REQ-1").first.click()
    expect(page).to_have_url(re.compile(r"/projects/CLAIMS/requirements/1/"))


# --- A project that ends early ----------------------------------------------------------------------------


def test_a_cancelled_project_hands_over_what_exists(claims, new_page):
    people = claims.people
    late = factories.make_requirement(claims, title="Pay at once")
    late.move_on("reviewed")
    late.approve(by=people["sam"])
    factories.make_risk(claims, title="Support is not trained")
    claims.client = None
    claims.save(update_fields=["client"])
    alice, dora = pages(new_page, claims, "alice", "dora")
    alice.goto("/projects/CLAIMS/cancellation/")
    alice.get_by_role("textbox", name="Reason").first.fill("The budget went elsewhere.")
    press(alice.get_by_role("button", name="Cancel the project"))
    shown(alice, "The budget went elsewhere.")
    alice.get_by_role("link", name="Hand over what exists").click()
    expect(alice.get_by_label("A release: the project goes on")).to_have_count(0)
    start(alice)
    decide(alice, "Pay at once", "Close", reason="Nobody pays for it now.")
    decide(alice, "Support is not trained", "Carry over", control="A deputy", test="2100-01-01")
    all_met(claims)
    submit(alice)
    accept(dora)
    product = Product.objects.get()
    assert sorted(one.title for one in product.requirements.all()) == ["Report a claim", "Sign online"]
    assert product.risks.get().title == "Support is not trained"
    shown(dora, "Claims portal")
    dora.goto("/stories/CLAIMS/")
    line = dora.locator(".chain > li").filter(has_text="Pay at once")
    expect(line).to_contain_text("not handed over")


def decide(page: Page, title: str, decision: str, *, reason="", control="", test=""):
    page.goto(f"{RECORD}1/open-items/")
    row = page.locator("#list tbody tr").filter(has_text=title)
    row.get_by_role("checkbox").check()
    form = page.locator("#decide-form")
    choose(form.get_by_label("Decision"), decision)
    form.get_by_label("Reason").fill(reason)
    if control:
        form.get_by_label("Control", exact=True).fill(control)
        form.get_by_label("Next test of the control").fill(test)
    press(form.get_by_role("button", name="Decide", exact=True))
    expect(row.locator("b")).to_be_visible()
