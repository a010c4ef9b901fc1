"""The main job, walked in a real browser as people do it: from a project's charter to the daily life of its product.

One story in chapters, each by the person whose job it is; the traceback names the chapter that failed. No worker runs
in this test: where one would, the test calls what it calls.
"""

import datetime
import json
import re
import urllib.request

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from delivery.models import Product
from pmdm.jobs import outbox
from pmdm.kpis.recompute import recompute_dirty
from tests import factories
from tests.browser.conftest import choose, press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TODAY = timezone.localdate()
# The Monday on which the plan starts: three weeks back, so that something is due by now.
START = TODAY - datetime.timedelta(days=TODAY.weekday() + 21)

TASK = """
  <Task><UID>{uid}</UID><ID>{uid}</ID><Name>{name}</Name><OutlineLevel>{level}</OutlineLevel>
    <Duration>PT{hours}H0M0S</Duration><DurationFormat>7</DurationFormat>
    <Milestone>{milestone}</Milestone><Summary>{summary}</Summary>{links}</Task>"""
LINK = "<PredecessorLink><PredecessorUID>{uid}</PredecessorUID><Type>1</Type><LinkLag>{lag}</LinkLag></PredecessorLink>"
TASKS = [  # uid, name, level, hours, milestone, summary, (predecessor, lag in tenths of a minute)
    (1, "Build", 1, 0, 0, 1, None),
    (2, "Form to report a claim", 2, 40, 0, 0, None),
    (3, "Interface to the ledger", 2, 80, 0, 0, (2, 0)),
    (4, "Security test", 2, 16, 0, 0, (3, 4800)),
    (5, "Go-live", 1, 0, 1, 0, (4, 0)),
]


@pytest.fixture
def plan(tmp_path):
    """A plan as Microsoft Project writes it, five rows long."""
    rows = "".join(
        TASK.format(
            uid=uid,
            name=name,
            level=level,
            hours=hours,
            milestone=milestone,
            summary=summary,
            links=LINK.format(uid=link[0], lag=link[1]) if link else "",
        )
        for uid, name, level, hours, milestone, summary, link in TASKS
    )
    path = tmp_path / "claims.xml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><Project xmlns="http://schemas.microsoft.com/project">'
        f"<Name>Claims</Name><StartDate>{START}T08:00:00</StartDate><MinutesPerDay>480</MinutesPerDay>"
        f"<MinutesPerWeek>2400</MinutesPerWeek><DaysPerMonth>20</DaysPerMonth><Tasks>{rows}</Tasks></Project>"
    )
    return path


@pytest.fixture
def people():
    """Everybody of the story; Alice and Dora have other work, so they may begin new things."""
    client, rival = factories.make_organisation("Northwind Insurance"), factories.make_organisation("Rival Insurance")
    people = {
        name: factories.make_user(full, organisation={"cleo": client, "rita": rival}.get(name))
        for name, full in {
            "alice": "Alice Manager",
            "sam": "Sam Sponsor",
            "dora": "Dora Delivery",
            "sue": "Sue Support",
            "stella": "Stella Stakeholder",
            "cleo": "Cleo Client",
            "rita": "Rita Rival",
        }.items()
    }
    factories.make_project(people["alice"], code="OTHER", name="Another project")
    return people


def test_from_charter_to_delivered_product(new_page, people, plan):
    tabs = {name: new_page("/", user=user) for name, user in people.items()}
    for page in tabs.values():
        page.on("dialog", lambda dialog: dialog.accept())
    alice, sam, dora = tabs["alice"], tabs["sam"], tabs["dora"]
    the_manager_writes_the_charter(alice)
    the_first_gate(alice, sam)
    scope(alice, sam)
    the_plan_is_imported_and_edited(alice, plan)
    team_and_money(alice)
    risks(alice)
    figures_follow(alice)
    the_gates_to_closing(alice, sam)
    closing(alice, sam)
    handover(alice, dora)
    the_client_reports_what_breaks(tabs["cleo"], tabs["sue"], tabs["rita"], dora)
    a_survey_by_link(dora, new_page)
    a_monitoring_tool(dora)
    the_stakeholder_sees_both_halves(tabs["stella"])


def shown(page: Page, text: str):
    """The page says so, in one place or more."""
    expect(page.locator("main").get_by_text(text).first).to_be_visible()


def save(page: Page):
    """The one primary button of the form."""
    press(page.locator("main form.form button.primary"))


# --- The project ------------------------------------------------------------------------------------------


def the_manager_writes_the_charter(page: Page):
    page.get_by_role("link", name="Projects", exact=True).first.click()
    page.get_by_role("link", name="New project").first.click()
    page.get_by_label("Name").fill("Claims portal")
    page.get_by_label("Code").fill("CLAIMS")
    page.get_by_label("Goal").fill("A claim is reported in ten minutes.")
    page.get_by_label("Client").select_option("Northwind Insurance")
    page.get_by_label("Target start").fill(str(START))
    page.get_by_label("Target finish").fill(str(START + datetime.timedelta(days=60)))
    page.get_by_label("Approved budget").fill("50000")
    page.get_by_label("Sponsor").select_option("Sam Sponsor")
    page.get_by_label("Delivery manager").select_option("Dora Delivery")
    save(page)
    expect(page).to_have_url(re.compile(r"/projects/CLAIMS/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Claims portal")

    page.goto("/projects/CLAIMS/objectives/new/")
    page.get_by_role("textbox", name="Objective").fill("Claims are reported faster")
    page.get_by_role("textbox", name="Measure").fill("Median minutes")
    page.get_by_label("Target", exact=False).first.fill("10")
    press(page.get_by_role("button", name="Save"))
    shown(page, "Claims are reported faster")


def tick(page: Page, kind: str):
    """Every open line of a phase's checklist, each with its evidence."""
    page.goto(f"/projects/CLAIMS/phases/{kind}/")
    while (forms := page.locator("form.tick")).count():
        count = forms.count()
        page.locator("details:has(form.tick) > summary").first.click()
        forms.first.get_by_label("Evidence").fill("Minutes of the steering meeting")
        press(forms.first.get_by_role("button", name="Done"))
        expect(page.locator("form.tick")).to_have_count(count - 1)


def decide(page: Page, kind: str, decision: str):
    page.goto(f"/projects/CLAIMS/phases/{kind}/")
    page.get_by_label(decision, exact=True).check()
    press(page.get_by_role("button", name="Record decision"))
    expect(page).to_have_url(re.compile(r"/projects/CLAIMS/$"))
    page.goto(f"/projects/CLAIMS/phases/{kind}/")
    expect(page.get_by_role("region", name="Decisions")).to_contain_text(decision)


def the_first_gate(manager: Page, sponsor: Page):
    tick(manager, "initiation")
    # The manager prepares, the sponsor decides.
    shown(manager, "Sam Sponsor decides at this gate.")
    expect(manager.get_by_role("button", name="Record decision")).to_have_count(0)
    decide(sponsor, "initiation", "Go")


def scope(manager: Page, sponsor: Page):
    for title, criteria in (("Report a claim", "Shown to the client\nTakes ten minutes"), ("Sign online", "Is legal")):
        manager.goto("/projects/CLAIMS/requirements/new/")
        manager.get_by_label("Title").fill(title)
        manager.get_by_label("Acceptance criteria").fill(criteria)
        save(manager)
        expect(manager.get_by_role("heading", name=title).first).to_be_visible()
        press(manager.get_by_role("button", name="To: Reviewed"))
        expect(manager.get_by_role("button", name="To: Draft")).to_be_visible()
        sponsor.goto(manager.url)
        press(sponsor.get_by_role("button", name="Approve"))
        shown(sponsor, "Approved as version 1: the text is locked.")
    sponsor.goto("/projects/CLAIMS/scope-baseline/")
    press(sponsor.get_by_role("button", name="Freeze 2 approved requirements"))
    expect(sponsor.get_by_role("heading", name="In the baseline")).to_be_visible()
    manager.goto("/projects/CLAIMS/requirements/1/")
    press(manager.get_by_role("button", name="To: Built"))
    for _line in range(2):
        form = manager.locator("form[action*='/check/']").nth(_line)
        form.get_by_label("Result").select_option("Pass")
        form.get_by_label("Evidence").fill("Review of Monday")
        press(form.get_by_role("button", name="Record"))
        shown(manager, f"{_line + 1} of 2 passed")
    press(manager.get_by_role("button", name="Verify"))
    shown(manager, "Verified")


def the_plan_is_imported_and_edited(page: Page, plan):
    page.goto("/projects/CLAIMS/schedule/")
    page.get_by_role("link", name="Import a plan").click()
    page.locator("input[type=file]").set_input_files(plan)
    press(page.get_by_role("button", name="Check the file"))
    shown(page, "Dry run: nothing has changed yet")
    expect(page.get_by_role("row", name=re.compile("Interface to the ledger"))).to_be_visible()
    press(page.get_by_role("button", name="Import all of it"))
    expect(page.get_by_role("status").filter(has_text="5 tasks and 3 links are in the plan.")).to_be_visible()

    page.get_by_role("link", name="Baselines").click()
    page.get_by_label("Name").fill("As approved")
    press(page.get_by_role("button", name="Take baseline"))
    expect(page.get_by_role("link", name="As approved")).to_be_visible()

    page.goto("/projects/CLAIMS/schedule/")
    expect(page.locator("plan-gantt.is-ready")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="Go-live")
    before = row.inner_text()
    page.locator('[data-uid="3"] [data-col="duration"]').click()
    page.keyboard.type("15d")
    page.keyboard.press("Enter")
    expect(page.locator(".g-toasts")).to_contain_text(re.compile(r"\d tasks? moved; the finish slips to \d+"))
    # Two weeks of building, one more for the interface: the milestone follows without a reload.
    expect(row).not_to_have_text(before, use_inner_text=True)
    expect(page.locator('[data-uid="3"] [data-col="duration"]')).to_have_text("15d")
    expect(page.locator('[data-uid="5"] [data-col="info"]')).to_contain_text("5 d behind")

    page.locator('[data-uid="2"] [data-col="percent"]').click()
    page.keyboard.type("100")
    page.keyboard.press("Enter")
    expect(page.locator('[data-uid="2"] [data-col="percent"]')).to_have_text("100%")
    expect(page.locator(".g-busy")).to_be_hidden()


def team_and_money(page: Page):
    page.goto("/projects/CLAIMS/team/")
    for person, role in (("Stella Stakeholder", "Stakeholder"), ("Cleo Client", "Client")):
        adding = page.get_by_role("region", name="Add to the team")
        adding.get_by_label("Person").select_option(person)
        adding.get_by_label("Role").select_option(role)
        press(page.get_by_role("button", name="Add"))
        expect(page.get_by_role("row").filter(has_text=person)).to_be_visible()
    rates = page.locator("#rates")
    rates.get_by_label("Person").select_option("Alice Manager")
    rates.get_by_label("Rate per hour").fill("100")
    rates.get_by_label("Valid from").fill(str(START))
    press(rates.get_by_role("button", name="Set rate"))
    expect(page.locator("#rates")).to_contain_text("€100.00")

    page.goto("/projects/CLAIMS/budget/")
    page.get_by_role("link", name="Add the first line").click()
    page.get_by_label("Name").fill("Partner services")
    page.get_by_label("Category").select_option("Services")
    page.get_by_label("Planned").fill("20000")
    save(page)
    page.get_by_role("link", name="New expense").click()
    page.get_by_label("Line").select_option(index=1)
    page.get_by_label("Amount").fill("1500.50")
    page.get_by_label("Description").fill("Sandbox of the partner")
    save(page)
    page.goto("/projects/CLAIMS/budget/")
    shown(page, "€1,500.50")

    page.goto("/projects/CLAIMS/time/")
    choose(page.get_by_label("Task"), "Form to report a claim")
    page.get_by_role("textbox", name="Time", exact=True).fill("7h 30m")
    page.get_by_label("What was done").fill("Reviewed the form")
    press(page.get_by_role("button", name="Book"))
    expect(page.locator("#list")).to_contain_text("€750.00")


def risks(page: Page):
    page.goto("/projects/CLAIMS/risks/new/")
    page.get_by_label("Title").fill("The partner certifies late")
    page.get_by_label("Probability").select_option("4")
    page.get_by_label("Impact").select_option("4")
    save(page)
    page.goto("/projects/CLAIMS/risks/")
    expect(page.locator("#list")).to_contain_text("16")
    page.get_by_role("link", name="The partner certifies late").last.click()
    page.get_by_label("What happened").fill("They answered: in four weeks.")
    press(page.get_by_role("button", name="It has happened"))
    page.goto("/projects/CLAIMS/issues/")
    expect(page.get_by_role("link", name="The partner certifies late")).to_be_visible()
    page.goto("/projects/CLAIMS/risks/new/")
    page.get_by_label("Title").fill("Support is not trained")
    page.get_by_label("Probability").select_option("2")
    page.get_by_label("Impact").select_option("3")
    save(page)

    page.goto("/projects/CLAIMS/")
    page.get_by_role("link", name="Post update").click()
    page.locator("main form textarea").fill("The partner costs us a week; **the client knows**.")
    page.get_by_label("Watch").check()
    press(page.get_by_role("button", name="Post update"))
    shown(page, "the client knows")


def figures_follow(page: Page):
    recompute_dirty()
    page.goto("/projects/CLAIMS/")
    tiles = page.get_by_role("list", name="Key figures")
    expect(tiles.get_by_role("listitem").filter(has_text="Delivered")).to_contain_text("1/2")
    expect(tiles.get_by_role("listitem").filter(has_text="Forecast").first).to_contain_text("behind baseline")
    # €1,500.50 of expenses and 7.5 hours at €100 of the approved €50,000.
    budget = tiles.get_by_role("listitem").filter(has_text="Spent")
    expect(budget).to_contain_text("4.5%")
    budget.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/projects/CLAIMS/figures/on_budget/"))
    expect(page.get_by_role("table").last).to_contain_text("Partner services")
    expect(page.get_by_role("table").last).to_contain_text("1,500")


def the_gates_to_closing(manager: Page, sponsor: Page):
    for kind in ("planning", "execution"):
        tick(manager, kind)
        if kind == "execution":
            tick(manager, "monitoring")
        decide(sponsor, kind, "Go")
    tick(manager, "closing")
    decide(sponsor, "closing", "Go")


def closing(page: Page, sponsor: Page):
    page.goto("/projects/CLAIMS/closure/")
    # Nothing is left silently open: what is missing is said, and there is nothing to submit yet.
    shown(page, "The report does not say yet what was reached.")
    expect(page.get_by_role("button", name="Submit for authorisation")).to_have_count(0)
    page.get_by_role("link", name="Write").click()
    page.get_by_label("What was reached").first.fill("The form is live; signing online comes later.")
    press(page.get_by_role("button", name="Save"))
    for kind in page.locator("section.card:has(.decide)").evaluate_all("cards => cards.map(card => card.id)"):
        form = page.locator(f"#{kind} form")
        for row in form.locator("li:not(.all)").all():
            carried = row.locator("option[value=carry]").count()
            row.get_by_label("Decision").select_option("carry" if carried else "accept")
            row.get_by_label("Reason").fill("Agreed with the sponsor.")
        press(form.get_by_role("button", name=re.compile("^Save")))
        expect(page.locator(f"#{kind} li:not(.all) select").first).not_to_have_value("")
    page.get_by_role("link", name="Preview the end report").click()
    shown(page, "End project report, as it would be submitted now")
    shown(page, "Dates: plan and actual")
    page.goto("/projects/CLAIMS/closure/")
    press(page.get_by_role("button", name="Submit for authorisation"))
    shown(page, "Waiting for authorisation")
    expect(page.get_by_role("heading", name="Your decision")).to_have_count(0)

    sponsor.goto("/projects/CLAIMS/closure/")
    sponsor.get_by_label("Return: something must change first").check()
    sponsor.get_by_label("Reason").fill("Say when signing comes.")
    press(sponsor.get_by_role("button", name="Record decision"))
    page.goto("/projects/CLAIMS/closure/")
    shown(page, "Say when signing comes.")
    press(page.get_by_role("button", name="Submit for authorisation"))

    sponsor.goto("/projects/CLAIMS/closure/")
    expect(sponsor.get_by_role("link", name=re.compile(r"ER-1.*\.pdf")).first).to_be_visible()
    sponsor.get_by_label("Authorise: the project is closed and read-only").check()
    press(sponsor.get_by_role("button", name="Record decision"))
    expect(sponsor.get_by_role("heading", name="What stayed open")).to_be_visible()
    page.goto("/projects/CLAIMS/")
    shown(page, "This project is closed and read-only.")
    expect(page.get_by_role("link", name="Edit charter")).to_have_count(0)


# --- The handover -----------------------------------------------------------------------------------------


def handover(manager: Page, receiver: Page, client: Page | None = None):
    manager.goto("/projects/CLAIMS/handover/")
    press(manager.get_by_role("button", name=re.compile("Open the handover")))
    expect(manager.get_by_role("button", name="Sign and submit")).to_be_disabled()
    decisions = {
        "Support is not trained": ("Carry over", ""),
        "The partner certifies late": ("Close", "They certified on Friday."),
        "Sign online": ("Carry over", ""),
    }
    manager.goto("/projects/CLAIMS/handover/1/open-items/")
    rows = manager.locator("#list tbody tr")
    for title, (decision, reason) in decisions.items():
        rows.filter(has_text=title).get_by_role("checkbox").check()
        form = manager.locator("#decide-form")
        expect(form.get_by_role("button", name="Decide", exact=True)).to_be_visible()
        choose(form.get_by_label("Decision"), decision)
        form.get_by_label("Reason").fill(reason)
        if title == "Support is not trained":
            form.get_by_label("Control", exact=True).fill("A supporter sits with the project")
            form.get_by_label("Next test of the control").fill("2100-01-01")
        press(form.get_by_role("button", name="Decide", exact=True))
        expect(rows.filter(has_text=title).locator("b")).to_be_visible()
    # The rest of the plan that was never done: decided together.
    if (left := rows.filter(has_text="Undecided")).count():
        for box in left.get_by_role("checkbox").all():
            box.check()
        choose(manager.locator("#decide-form").get_by_label("Decision"), "Close")
        manager.locator("#decide-form").get_by_label("Reason").fill("Not needed any more.")
        press(manager.locator("#decide-form").get_by_role("button", name="Decide", exact=True))
        expect(left).to_have_count(0)
    for first, second in ((manager, receiver), (receiver, manager)):
        settle(first, "Save", "Folder 3, page 1")
        settle(second, "Met")
    manager.goto("/projects/CLAIMS/handover/1/client/")
    if client:
        press(manager.get_by_role("button", name="Ask the client to accept"))
        expect(manager.get_by_role("button", name="Ask the client to accept")).to_have_count(0)
        client.goto("/projects/CLAIMS/acceptance/")
        press(client.get_by_role("button", name=re.compile("^Accept ?: Report a claim")))
        shown(client, "1 of 1 decided")
    else:
        manager.get_by_text("They signed on paper").click()
        manager.get_by_label("Signed protocol").fill("Protocol of 3 March, folder 3")
        press(manager.get_by_role("button", name="Record it for all open lines"))
        shown(manager, "Protocol of 3 March, folder 3")
    manager.goto("/projects/CLAIMS/handover/")
    press(manager.get_by_role("button", name="Sign and submit"))
    shown(manager, "Waiting for Dora Delivery to accept or return it.")

    receiver.goto("/projects/CLAIMS/handover/")
    press(receiver.get_by_role("button", name="Begin the review"))
    remarks = receiver.get_by_role("region", name="What you would like put right")
    remarks.get_by_label("What is missing").fill("Who answers at night?")
    press(remarks.get_by_role("button", name="Note it"))
    expect(remarks.get_by_role("button", name=re.compile("^Take back"))).to_be_visible()
    press(receiver.get_by_role("button", name="Return with reasons"))
    expect(receiver.get_by_role("button", name="Return with reasons")).to_have_count(0)
    shown(receiver, "Who answers at night?")

    manager.goto("/projects/CLAIMS/handover/")
    shown(manager, "Who answers at night?")
    manager.get_by_label("What was done about: The whole").fill("The roster names Sue.")
    press(manager.get_by_role("button", name=re.compile("^Answer ?: The whole")))
    shown(manager, "The roster names Sue.")
    press(manager.get_by_role("button", name="Sign and submit"))
    shown(manager, "Waiting for Dora Delivery to accept or return it.")
    receiver.goto("/projects/CLAIMS/handover/")
    press(receiver.get_by_role("button", name="Begin the review"))
    press(receiver.get_by_role("button", name="Sign and accept"))
    expect(receiver).to_have_url(re.compile(r"/products/CLAIMS/"))
    expect(receiver.get_by_role("heading", level=1)).to_contain_text("Claims portal")
    receiver.locator("nav.tabs").get_by_role("link", name="Record", exact=True).click()
    receiver.locator("nav.subtabs").get_by_role("link", name="Risks", exact=True).click()
    shown(receiver, "Support is not trained")
    receiver.goto("/products/CLAIMS/requirements/")
    expect(receiver.get_by_role("link", name="Report a claim")).to_be_visible()
    expect(receiver.get_by_role("link", name="Sign online")).to_be_visible()


def settle(page: Page, action: str, evidence=""):
    """Do in the list what it offers this person on each line."""
    page.goto("/projects/CLAIMS/handover/1/criteria/")
    buttons = page.get_by_role("button", name=re.compile(f"^{action} ?:"))
    while count := buttons.count():
        if evidence:
            page.get_by_label(re.compile("^Evidence:")).first.fill(evidence)
        press(buttons.first)
        expect(buttons).to_have_count(count - 1)


# --- The product ------------------------------------------------------------------------------------------


def the_client_reports_what_breaks(client: Page, support: Page, rival: Page, owner: Page):
    owner.goto("/products/CLAIMS/team/")
    for person, role in (("Sue Support", "Support"), ("Cleo Client", "Client"), ("Stella Stakeholder", "Stakeholder")):
        if owner.get_by_role("row").filter(has_text=person).count():
            continue
        owner.get_by_label("Person").first.select_option(person)
        owner.get_by_label("Role").select_option(role)
        press(owner.get_by_role("button", name="Add"))
        expect(owner.get_by_role("row").filter(has_text=person)).to_be_visible()

    # What another client reported, Cleo never sees.
    product = Product.objects.get(code="CLAIMS")
    other = product.issues.create(title="Rival's own trouble", organisation=rival_organisation())
    client.expected_errors = ["404"]
    client.goto("/products/CLAIMS/issues/new/")
    client.get_by_label("Title").fill("Photos are lost")
    client.get_by_label("Type").select_option("Bug")
    client.get_by_label("Priority").select_option("Medium")
    client.get_by_label(re.compile("^What happens")).fill("Since Monday, every one over 10 MB.")
    press(client.get_by_role("button", name="Report it"))
    expect(client.get_by_role("heading", level=1)).to_contain_text("Photos are lost")
    issue = client.url
    client.goto("/products/CLAIMS/issues/")
    expect(client.get_by_role("link", name="Photos are lost")).to_be_visible()
    expect(client.get_by_text("Rival's own trouble")).to_have_count(0)
    assert client.goto(f"/products/CLAIMS/issues/{other.number}/").status == 404
    # And a rival with no role sees no product at all.
    rival.expected_errors = ["404"]
    assert rival.goto("/products/CLAIMS/").status == 404

    support.goto("/products/CLAIMS/issues/")
    support.get_by_role("link", name="Photos are lost").click()
    press(support.get_by_role("button", name="Take it"))
    support.get_by_role("textbox", name="Note").fill("We see it too; the limit was set too low.")
    press(support.get_by_role("button", name="Add the note"))
    shown(support, "We see it too")
    support.get_by_role("link", name="Resolve").click()
    support.get_by_label("Resolution").fill("The limit is 50 MB now.")
    support.get_by_label("Root cause").fill("A default of the web server.")
    save(support)
    shown(support, "A default of the web server.")

    client.goto(issue)
    shown(client, "The limit is 50 MB now.")
    shown(client, "We see it too")
    expect(client.get_by_text("A default of the web server.")).to_have_count(0)


def rival_organisation():
    from pmdm.accounts.models import Organisation

    return Organisation.objects.get(name="Rival Insurance")


def a_survey_by_link(owner: Page, new_page):
    owner.goto("/products/CLAIMS/surveys/new/")
    owner.get_by_label("Name").fill("After go-live")
    save(owner)
    owner.get_by_label("E-mail addresses").fill("cleo@northwind.example")
    press(owner.get_by_role("button", name="Send the invitations"))
    shown(owner, "1 person is asked.")
    outbox.drain()
    link = re.search(r"https?://[^/\s]+(/s/\S+)", mail.outbox[-1].body)[1]

    customer = new_page(link)
    customer.get_by_label("Very satisfied", exact=True).check()
    customer.get_by_label("9", exact=True).check()
    customer.get_by_label(re.compile("What should we keep")).fill("Fast and clear.")
    press(customer.get_by_role("button", name="Send my answer"))
    expect(customer.get_by_role("heading", name="Thank you")).to_be_visible()
    customer.goto(link)
    expect(customer.get_by_role("heading", name="You have answered already")).to_be_visible()
    owner.reload()
    shown(owner, "Fast and clear.")


def a_monitoring_tool(owner: Page):
    owner.goto("/products/CLAIMS/alert-sources/")
    owner.get_by_label("Name").fill("Alertmanager Frankfurt")
    owner.locator("main form.form select[name=kind]").select_option(index=0)
    press(owner.get_by_role("button", name="Make its address"))
    token = owner.locator("code.token").inner_text()
    path = re.search(r"/alerts/\S+", token)[0]
    origin = re.match(r"https?://[^/]+", owner.url)[0]
    begun = timezone.now() - datetime.timedelta(minutes=30)

    alert(origin + path, "firing", begun, None)
    owner.goto("/products/CLAIMS/incidents/")
    row = owner.get_by_role("row").filter(has_text="InstanceDown")
    expect(row).to_be_visible()
    row.get_by_role("link").first.click()
    shown(owner, "still going on")
    alert(origin + path, "resolved", begun, timezone.now() - datetime.timedelta(minutes=10))
    owner.goto("/products/CLAIMS/incidents/?state=ended")
    expect(owner.get_by_role("row").filter(has_text="InstanceDown")).to_be_visible()


def alert(url: str, status: str, begun, ended):
    """Post as Prometheus Alertmanager does, then let the outbox work."""
    body = {
        "version": "4",
        "status": status,
        "receiver": "pmdm",
        "groupKey": "{}:{alertname=InstanceDown}",
        "alerts": [
            {
                "status": status,
                "labels": {"alertname": "InstanceDown", "severity": "critical"},
                "annotations": {"summary": "InstanceDown"},
                "startsAt": begun.isoformat(),
                "endsAt": ended.isoformat() if ended else "0001-01-01T00:00:00Z",
                "fingerprint": "f00d",
            }
        ],
    }
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 202
    outbox.drain()


def the_stakeholder_sees_both_halves(page: Page):
    recompute_dirty()
    page.goto("/kpis/?state=all")
    rows = page.get_by_role("table").get_by_role("row").filter(has_text="Claims portal")
    expect(rows.filter(has_text="Product")).to_be_visible()
    page.goto("/stories/CLAIMS/")
    project = page.get_by_role("region", name="How the project did")
    product = page.get_by_role("region", name="How the product does")
    expect(project).to_contain_text("1/2")
    expect(project).to_contain_text("behind baseline")
    expect(product).to_contain_text("Satisfaction")
    expect(product).to_contain_text("Availability")
    product.get_by_role("link", name=re.compile("Requirements")).click()
    expect(page).to_have_url(re.compile(r"/products/CLAIMS/figures/"))
    expect(page.get_by_role("table").last).to_contain_text("Report a claim")
