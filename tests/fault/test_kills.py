"""Real processes are killed with -9: nothing acknowledged is lost, nothing is done twice, work goes on in 90 s."""

import itertools
import re
import threading
import time

import psycopg
import pytest

from tests.fault.conftest import eventually

pytestmark = pytest.mark.fault
_numbers = itertools.count(1)

INVITE = """
    INSERT INTO jobs_outbox (kind, key, payload, created_at, due_at, attempts, error)
    VALUES ('accounts.invite', %s, jsonb_build_object('user', %s::bigint, 'by', null), now(), now(), 0, '')
    RETURNING id
"""


def make_people(installation, count: int) -> list[tuple[int, str]]:
    """Ids and addresses of new people."""
    first = next(_numbers) * 1000
    return installation.run(f"""
from pmdm.accounts.models import User
numbers = range({first}, {first + count})
people = [User.objects.create_user(f"p{{n}}@fault.example", name=f"Person {{n}}") for n in numbers]
answer = [(user.pk, user.email) for user in people]
""")


def ask_to_invite(installation, people) -> list[int]:
    with installation.connect() as connection:
        return [connection.execute(INVITE, [f"fault:{next(_numbers)}", pk]).fetchone()[0] for pk, _email in people]


def done(installation, rows) -> int:
    return installation.ask("SELECT count(*) FROM jobs_outbox WHERE id = ANY(%s) AND done_at IS NOT NULL", rows)[0][0]


def attempts(installation, rows) -> list[int]:
    return [n for (n,) in installation.ask("SELECT attempts FROM jobs_outbox WHERE id = ANY(%s)", rows)]


def test_a_worker_killed_in_the_middle_of_a_job(installation):
    [person] = make_people(installation, 1)
    with installation.connect() as blocker:
        blocker.autocommit = False
        blocker.execute("LOCK TABLE accounts_user IN ACCESS EXCLUSIVE MODE")  # Whoever does it waits here.
        rows = ask_to_invite(installation, [person])
        eventually(lambda: attempts(installation, rows) == [1], "a worker took the job")
        victim = installation.kill("worker")
        blocker.rollback()
    assert done(installation, rows) == 0, "it was killed before the end"
    eventually(lambda: installation.process("worker").pid != victim, "a new worker runs")
    eventually(lambda: done(installation, rows) == 1, "the job is done after all")
    assert attempts(installation, rows) == [2]
    assert installation.mails_to(person[1]) == 1


ANSWER = """
import datetime
from django.db import transaction
from django.utils import timezone
from delivery.models import Issue, Mailbox
from pmdm.accounts.models import User
from pmdm.jobs.models import Outbox
from tests import factories
with transaction.atomic():
    product = factories.make_product(code="MAIL{number}")
    Mailbox.objects.create(product=product, address="mail{number}@support.example", name="Support")
    organisation = factories.make_organisation("Client {number}")
    client = User.objects.create_user("client{number}@fault.example", name="Client", organisation=organisation)
    staff = User.objects.create_user("staff{number}@fault.example", name="Staff")
    issue = Issue.report(product, by=client, title="It fails")
    issue.respond(by=staff, text="We are on it")
    rows = Outbox.objects.filter(kind="mail.send").order_by("-pk")[:1]
    Outbox.objects.filter(pk=rows[0].pk).update(due_at=timezone.now() + datetime.timedelta(hours=1))
answer = [rows[0].pk, client.email, issue.answers.get().message_id]
"""


def ask_to_answer(installation):
    """An answer to a reporter that is asked for but not due; its row, the address and the Message-ID."""
    return installation.run(ANSWER.format(number=next(_numbers)))


def make_due(installation, row) -> None:
    installation.ask("UPDATE jobs_outbox SET due_at = now() WHERE id = %s RETURNING id", row)


def test_a_worker_killed_before_it_sends_an_answer(installation):
    row, address, _message_id = ask_to_answer(installation)
    with installation.connect() as blocker:
        blocker.autocommit = False
        blocker.execute("LOCK TABLE delivery_outboundmail IN ACCESS EXCLUSIVE MODE")  # It waits before it sends.
        make_due(installation, row)
        eventually(lambda: attempts(installation, [row]) == [1], "a worker took the mail")
        victim = installation.kill("worker")
        blocker.rollback()
    assert installation.mails_to(address) == 0
    eventually(lambda: installation.process("worker").pid != victim, "a new worker runs")
    eventually(lambda: done(installation, [row]) == 1, "the answer is sent after all")
    assert installation.mails_to(address) == 1


def test_a_worker_killed_between_sending_an_answer_and_marking_it(installation):
    row, address, message_id = ask_to_answer(installation)
    with installation.connect() as blocker:
        blocker.autocommit = False
        # Rows may be locked, not written: the mail goes out, its mark waits.
        blocker.execute("LOCK TABLE delivery_outboundmail IN SHARE MODE")
        make_due(installation, row)
        eventually(lambda: installation.mails_to(address) >= 1, "the mail is out")
        victim = installation.kill("worker")
        blocker.rollback()
    assert done(installation, [row]) == 0, "it was killed before the mark"
    eventually(lambda: installation.process("worker").pid != victim, "a new worker runs")
    eventually(lambda: done(installation, [row]) == 1, "the answer is marked in the end")
    [tried] = attempts(installation, [row])
    assert 1 < installation.mails_to(address) <= tried
    assert installation.message_ids_to(address) == {message_id}, "whoever gets it twice sees one mail"


def test_redis_flushed_again_and_again(installation):
    people = make_people(installation, 40)
    stop = threading.Event()

    def flush():
        while not stop.wait(0.05):
            installation.redis().flushall()

    flusher = threading.Thread(target=flush)
    flusher.start()
    try:
        rows = ask_to_invite(installation, people)
        time.sleep(3)
    finally:
        stop.set()
        flusher.join()
    eventually(lambda: done(installation, rows) == 40, "all jobs are done")
    assert set(attempts(installation, rows)) == {1}, "each was done at the first attempt"
    assert {installation.mails_to(email) for _pk, email in people} == {1}


def test_redis_killed_while_people_work(installation):
    people = make_people(installation, 5)
    victim = installation.kill("valkey")
    # A change made meanwhile is saved, and nobody sees an error.
    pks = [pk for pk, _email in people]
    saved = installation.run(f"""
from pmdm.accounts.models import User
answer = [bool(user.send_invitation(by=None)) for user in User.objects.filter(pk__in={pks})]
""")
    assert len(saved) == 5
    eventually(lambda: installation.process("valkey").pid != victim, "Redis runs again")
    eventually(lambda: {installation.mails_to(email) for _pk, email in people} == {1}, "all mails went out, once")
    eventually(lambda: installation.ready().get("ready"), "all is well again")


def test_postgresql_killed_while_rows_are_written(installation):
    people = make_people(installation, 200)
    project = installation.run("""
from tests import factories
project = factories.make_project(code="FAULT")
answer = project.pk
""")
    acknowledged, broke = [], None
    killer = threading.Thread(target=installation.kill, args=["postgres"])
    with installation.connect() as connection:
        for pk, _email in itertools.cycle(people):
            try:
                row = connection.execute(INVITE, [f"fault:{next(_numbers)}", pk]).fetchone()[0]
            except psycopg.Error as error:
                broke = error
                break
            acknowledged.append(row)
            if len(acknowledged) == 100:
                killer.start()  # It dies while this goes on.
    killer.join()
    assert broke, "the database died under the writer"
    assert acknowledged
    eventually(lambda: installation.ready().get("database") == "ok", "the database answers again")
    kept = installation.ask("SELECT count(*) FROM jobs_outbox WHERE id = ANY(%s)", acknowledged)[0][0]
    assert kept == len(acknowledged), "nothing acknowledged is lost"
    eventually(lambda: done(installation, acknowledged) == len(acknowledged), "all jobs are done")

    # The figures follow a change made after all this.
    installation.run(f"""
from projects.models import Project
from tests import factories
project = Project.objects.get(pk={project})
factories.make_risk(project, probability=5, impact=5)
factories.make_risk(project, probability=5, impact=4)
""")

    def high_risks():
        found = installation.ask(
            "SELECT value FROM kpis_value WHERE subject_type = 'project' AND subject_id = %s AND kpi = 'high_risks'",
            project,
        )
        return found and found[0][0] == 2

    eventually(high_risks, "the figures are right")
    eventually(lambda: installation.ready().get("ready"), "all is well again")


def test_a_worker_killed_while_it_escalates(installation):
    """Nothing lost: every escalation is fired and told. Nothing doubled: once, by one mail."""
    installation.run("""
from django.utils import timezone
from delivery.models import Issue, Product
from pmdm.accounts.models import User
at = timezone.now()
manager = User.objects.create_user("escalated@fault.example", name="Mia Manager")
product = Product.launch(by=manager, code="FAULTY", name="Faulty", stage="live", at=at)
product.escalation_steps.exclude(clock="resolution", trigger="breached").update(ended_at=at)
for number in range(30):
    Issue.report(product, by=manager, title=f"Late {number}", assignee=manager, at=at)
""")
    waiting = "SELECT count(*) FROM delivery_escalation WHERE fired_at IS NULL"
    stuck = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s"
    assert installation.ask(waiting)[0][0] == 30
    # Whatever is due meanwhile would wait for the lock too, until no process is left that could fire them.
    due = "SELECT count(*) FROM jobs_outbox WHERE done_at IS NULL AND failed_at IS NULL AND due_at < now() + '2 min'"
    eventually(lambda: installation.ask(due)[0][0] == 0, "nothing else is to be done")
    with installation.connect() as blocker:
        blocker.autocommit = False
        # Whoever fires them waits here, before it has asked for their mails. Then their moment comes.
        blocker.execute("LOCK TABLE jobs_outbox IN SHARE ROW EXCLUSIVE MODE")
        installation.ask("UPDATE delivery_escalation SET due_at = now() RETURNING id")
        eventually(lambda: installation.ask(stuck, "%INSERT%issue.escalate%")[0][0] > 0, "a worker fires them")
        victim = installation.kill("worker")
        blocker.rollback()
    eventually(lambda: installation.process("worker").pid != victim, "a new worker runs")
    eventually(lambda: installation.ask(waiting)[0][0] == 0, "all are fired after all")
    fired = installation.ask(
        "SELECT count(*), count(DISTINCT issue_id) FROM delivery_escalation WHERE fired_at > due_at"
    )
    assert fired == [(30, 30)]
    asked = "SELECT count(*), count(DISTINCT key), count(done_at) FROM jobs_outbox WHERE kind = 'issue.escalate'"
    eventually(lambda: installation.ask(asked) == [(30, 30, 30)], "each mail was asked for and sent once")
    # Several mails of one second may stand in one file: counted by their ids, not by files.
    letters = "".join(log.read_text() for log in (installation.home.root / "mail").glob("*.log"))
    ids = re.findall(r"^Message-ID: (<escalation-.+>)$", letters, re.MULTILINE)
    assert (len(ids), len(set(ids))) == (30, 30)


TELLING = """
import datetime
from django.db import transaction
from django.utils import timezone
from delivery.issues.queue import bulk, telling
from delivery.models import Issue, Mailbox
from pmdm.accounts.models import User
from pmdm.accounts.roles import Role
from pmdm.jobs.models import Outbox
from tests import factories
later = timezone.now() + datetime.timedelta(hours=1)
with transaction.atomic():
    product = factories.make_product(code="BULK{number}")
    Mailbox.objects.create(product=product, address="bulk{number}@support.example", name="Support")
    organisation = factories.make_organisation("Bulk client {number}")
    client = User.objects.create_user("bulk{number}@fault.example", name="Client", organisation=organisation)
    staff = User.objects.create_user("staff{number}@bulk.example", name="Staff")
    agent = User.objects.create_user("agent{number}@bulk.example", name="Agent")
    for person in (staff, agent):
        product.add_member(person, Role.SUPPORT, by=staff)
    wanted = dict.fromkeys(Issue.report(product, by=client, title=f"It fails {{n}}").pk for n in range(8))
    given = bulk.apply(wanted, "assignee", str(agent.pk), by=staff)
    telling.say({{"edit": given.pk}})
    solved = bulk.apply(wanted, "state", "resolved", "Restarted", by=staff)
    said = Outbox.objects.get(key=f"{{telling.EDIT}}:{{solved.pk}}")
    yours = Outbox.objects.get(kind=telling.YOURS, payload__user=agent.pk)
    Outbox.objects.filter(pk__in=[said.pk, yours.pk]).update(due_at=later)
    Outbox.objects.filter(key=f"{{telling.EDIT}}:{{given.pk}}").delete()
answer = said.pk, yours.pk, agent.email, sorted(wanted)
"""


def test_a_worker_killed_while_it_tells_of_a_change_of_many_issues(installation):
    """Once while it asks for the reporters' mails, once between the mail to whoever got the issues and its mark.

    Nothing is lost; what goes twice is one mail with the same id.
    """
    said, yours, agent, issues = installation.run(TELLING.format(number=next(_numbers)))
    stuck = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s"
    told = """
        SELECT count(*), count(DISTINCT issue_id), count(sent_at) FROM delivery_outboundmail WHERE issue_id = ANY(%s)
    """
    with installation.connect() as blocker:
        blocker.autocommit = False
        blocker.execute("LOCK TABLE delivery_outboundmail IN SHARE MODE")
        make_due(installation, said)
        eventually(lambda: installation.ask(stuck, "%INSERT%delivery_outboundmail%")[0][0] > 0, "it tells")
        first = installation.kill("worker")
        blocker.rollback()
    assert done(installation, [said]) == 0, "it was killed before the end"
    assert installation.ask(told, issues) == [(0, 0, 0)], "none is asked for without the others"
    eventually(lambda: installation.process("worker").pid != first, "a new worker runs")
    # While that waits for its lease to run out, the other.
    with installation.connect() as people, installation.connect() as marks:
        people.autocommit = marks.autocommit = False
        people.execute("LOCK TABLE accounts_user IN ACCESS EXCLUSIVE MODE")
        make_due(installation, yours)
        eventually(lambda: attempts(installation, [yours]) == [1], "a worker took the mail to the agent")
        eventually(lambda: installation.ask(stuck, "%accounts_user%")[0][0] > 0, "it looks for the agent")
        marks.execute("LOCK TABLE jobs_outbox IN SHARE MODE")
        people.rollback()
        eventually(lambda: installation.mails_to(agent) >= 1, "the mail to the agent is out")
        second = installation.kill("worker")
        marks.rollback()
    assert done(installation, [yours]) == 0, "it was killed before the mark"
    eventually(lambda: installation.process("worker").pid != second, "a new worker runs")
    eventually(lambda: done(installation, [said, yours]) == 2, "both are done after all")
    eventually(lambda: installation.ask(told, issues) == [(8, 8, 8)], "the reporter is told of each issue once")
    letters = "".join(log.read_text() for log in (installation.home.root / "mail").glob("*.log"))
    ids = re.findall(r"^Message-ID: <issue-(\d+)-resolved-.+>$", letters, re.MULTILINE)
    assert sorted(int(pk) for pk in ids if int(pk) in issues) == issues, "in one mail each"
    [tried] = attempts(installation, [yours])
    assert 1 < installation.mails_to(agent) <= tried
    assert len(installation.message_ids_to(agent)) == 1, "whoever gets it twice sees one mail"


def test_everything_killed_at_once(installation):
    people = make_people(installation, 20)
    rows = ask_to_invite(installation, people)
    for name in ("worker", "valkey", "postgres", "web"):
        installation.kill(name)
    eventually(lambda: installation.ready().get("ready"), "all is well again")
    eventually(lambda: done(installation, rows) == 20, "all jobs are done")
    failed = installation.ask("SELECT key, error FROM jobs_outbox WHERE failed_at IS NOT NULL")
    assert failed == []
