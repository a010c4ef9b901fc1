"""The engine: what it writes and when, dirty marks, two workers at once, thresholds, snapshots."""

import datetime
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError, NotSupportedError, ProgrammingError
from django.utils import timezone

from pmdm.kpis import figures, recompute, registry
from pmdm.kpis.models import Computation, Dirty, Snapshot, Threshold, Value
from tests.factories import make_product, make_project, make_risk

DAY = datetime.timedelta(days=1)


def value(project, code="high_risks"):
    return Value.objects.get(subject_type="project", subject_id=project.pk, kpi=code)


@pytest.mark.django_db
class TestWriting:
    def test_every_kpi_has_a_row(self):
        project, product = make_project(), make_product()
        recompute.recompute_all()
        for kind, subject in (("project", project), ("product", product)):
            codes = set(Value.objects.filter(subject_type=kind, subject_id=subject.pk).values_list("kpi", flat=True))
            assert codes == {kpi.code for kpi in registry.of(kind)}

    def test_what_did_not_change_is_not_written(self):
        project = make_project()
        assert recompute.recompute("project", [project.pk]) == len(registry.of("project"))
        assert recompute.recompute("project", [project.pk]) == 0

    def test_only_the_chosen_are_computed(self):
        project, other = make_project(), make_project()
        recompute.recompute("project", [project.pk])
        assert not Value.objects.filter(subject_type="project", subject_id=other.pk).exists()
        assert recompute.recompute("project", []) == 0

    def test_values_of_deleted_subjects_go(self):
        product = make_product()
        recompute.recompute_all()
        pk = product.pk
        product.delete()
        recompute.recompute_all()
        assert not Value.objects.filter(subject_type="product", subject_id=pk).exists()

    def test_a_full_computation_says_when(self):
        recompute.recompute_all()
        assert {row.subject_type for row in Computation.objects.all()} == {"project", "product"}

    def test_every_reason_has_words(self):
        recompute.recompute("project", [make_project().pk])
        recompute.recompute("product", [make_product().pk])
        for row in Value.objects.exclude(reason=""):
            assert row.reason in registry.get(row.subject_type, row.kpi).reasons

    def test_settings_for_all_do_not_stay(self):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            before = cursor.fetchone()
            recompute.recompute_all()
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == before


@pytest.mark.django_db
class TestDirty:
    def test_a_change_marks_its_project(self):
        project = make_project()
        Dirty.objects.all().delete()
        make_risk(project, probability=5, impact=5)
        assert recompute.recompute_dirty() >= 1
        assert value(project).value == 1
        assert not Dirty.objects.exclude(subject_type__endswith=":slow").exists()

    def test_raw_sql_marks_too(self):
        project = make_project()
        risk = make_risk(project, probability=5, impact=5)
        recompute.recompute_dirty()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE projects_risk SET probability = 1 WHERE id = %s", [risk.pk])
        recompute.recompute_dirty()
        assert value(project).value == 0

    def test_nothing_marked_nothing_done(self):
        Dirty.objects.all().delete()
        assert recompute.recompute_dirty() == 0

    def test_marks_of_unknown_kinds_do_not_stay_forever(self):
        Dirty.objects.create(subject_type="spaceship", subject_id=1, at=timezone.now())
        recompute.recompute_dirty()
        assert not Dirty.objects.exclude(subject_type__endswith=":slow").exists()

    def test_more_marks_than_one_turn_takes(self):
        projects = [make_project() for _ in range(5)]
        recompute.recompute_dirty(limit=2)
        assert not Dirty.objects.exclude(subject_type__endswith=":slow").exists()
        assert all(value(project, "on_time") for project in projects)


@pytest.mark.django_db
class TestPlannedOnce:
    """A few subjects are computed by a statement that the server has planned before."""

    def plans(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name LIKE 'figures_projects_%'"
            )
            return cursor.fetchone()

    def test_the_plan_is_made_once_for_all_values(self):
        projects = [make_project() for _ in range(3)]
        before = self.plans() or (0, 0)
        for project in projects:
            recompute.recompute("project", [project.pk])
        general, own = self.plans()
        assert (general - before[0], own - before[1]) == (3, 0)

    def test_it_writes_what_the_other_way_writes(self, monkeypatch):
        projects = [make_project() for _ in range(3)]
        make_risk(projects[0], probability=5, impact=5)
        assert recompute.recompute("project", [one.pk for one in projects]) == 3 * len(registry.of("project"))
        monkeypatch.setattr(recompute, "FEW", 0)
        assert recompute.recompute("project", [one.pk for one in projects]) == 0

    def test_values_of_a_deleted_subject_go_this_way_too(self):
        product = make_product()
        pk = product.pk
        recompute.recompute("product", [pk])
        product.delete()
        recompute.recompute("product", [pk])
        assert not Value.objects.filter(subject_type="product", subject_id=pk).exists()


@pytest.mark.django_db(transaction=True)
class TestTwoWorkers:
    def test_a_dying_worker_leaves_marks_and_values(self, monkeypatch):
        project = make_project()
        marks = Dirty.objects.count()

        def die(*args, **kwargs):
            raise RuntimeError("killed")

        with monkeypatch.context() as patch:
            patch.setattr(recompute, "_run", die)
            with pytest.raises(RuntimeError):
                recompute.recompute_dirty()
        assert Dirty.objects.count() == marks > 0
        recompute.recompute_dirty()
        assert value(project, "on_time").reason == "no_baseline"

    def test_who_finds_another_at_work_leaves_the_marks(self):
        make_project()
        marks = Dirty.objects.count()
        seen = []
        with transaction.atomic():
            recompute.recompute("project", [])
            recompute._lock("project")
            worker = threading.Thread(target=lambda: (seen.append(recompute.recompute_dirty()), connection.close()))
            worker.start()
            worker.join(10)
        assert seen == [0]
        assert Dirty.objects.count() == marks

    def test_a_later_computation_saw_a_later_state(self):
        """A worker that waits for another computes what is there after the wait, not before."""
        project = make_project()
        recompute.recompute_dirty()
        waiting = threading.Event()

        def other():
            waiting.set()
            recompute.recompute("project", [project.pk])
            connection.close()

        with transaction.atomic():
            recompute._lock("project")
            worker = threading.Thread(target=other)
            worker.start()
            waiting.wait(5)
            make_risk(project, probability=5, impact=5)
        worker.join(10)
        assert value(project).value == 1

    def test_many_workers_at_once_end_right(self):
        projects = [make_project() for _ in range(4)]

        def work(project):
            for _ in range(5):
                make_risk(project, probability=5, impact=5)
                recompute.recompute_dirty()
            connection.close()

        workers = [threading.Thread(target=work, args=[project]) for project in projects]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(30)
        recompute.recompute_dirty()
        assert [value(project).value for project in projects] == [5, 5, 5, 5]


@pytest.mark.django_db
class TestThresholds:
    def test_stored_limits_replace_those_of_the_code(self):
        project = make_project()
        make_risk(project, probability=5, impact=5)
        recompute.recompute("project", [project.pk])
        assert value(project).status == "ok"
        Threshold.objects.create(kpi="high_risks", target=0, watch=0, act=3)
        recompute.recompute("project", [project.pk])
        assert value(project).status == "watch"

    def test_a_change_marks_everything(self):
        make_project(), make_product()
        recompute.recompute_dirty()
        recompute.mark_all_dirty()
        assert Dirty.objects.filter(subject_type="project").exists()
        assert Dirty.objects.filter(subject_type="product").exists()


@pytest.mark.django_db
class TestSnapshots:
    def test_a_day_is_kept_once(self):
        project = make_project()
        recompute.snapshot(datetime.date(2026, 3, 1))
        make_risk(project, probability=5, impact=5)
        recompute.snapshot(datetime.date(2026, 3, 1))
        kept = Snapshot.objects.get(subject_type="project", subject_id=project.pk, kpi="high_risks")
        assert kept.value is None
        assert kept.reason == "no_risks"

    def test_history_cannot_be_rewritten(self):
        make_project()
        recompute.snapshot(datetime.date(2026, 3, 1))
        for change in (lambda: Snapshot.objects.update(value=1), lambda: Snapshot.objects.all().delete()):
            with pytest.raises((InternalError, NotSupportedError, ProgrammingError)), transaction.atomic():
                change()

    def test_the_past_can_be_filled_without_touching_the_present(self):
        now = timezone.now()
        project = make_project(at=now - 30 * DAY)
        make_risk(project, probability=5, impact=5, raised_at=now - 20 * DAY)
        recompute.recompute("project", [project.pk])
        before = value(project).as_of
        for ago in (25, 10):
            recompute.backfill((now - ago * DAY).date())
        assert value(project).as_of == before
        past = [number for _day, number, _status in figures.history("project", project.pk, "high_risks")]
        assert past == [None, 1]


@pytest.mark.django_db
def test_a_value_or_a_reason_is_demanded():
    with pytest.raises(IntegrityError), transaction.atomic():
        Value.objects.create(
            subject_type="project",
            subject_id=1,
            kpi="on_time",
            value=None,
            status="na",
            reason="",
            as_of=timezone.now(),
        )


def test_two_kpis_of_one_name_are_refused():
    kpi = registry.get("project", "on_time")
    registry.register(kpi)  # the same again is fine
    import dataclasses

    with pytest.raises(ValueError, match="on_time"):
        registry.register(dataclasses.replace(kpi, formula="another"))
    with pytest.raises(ValueError, match="spaceship"):
        registry.register(dataclasses.replace(kpi, subject_type="spaceship"))
