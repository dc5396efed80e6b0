"""Celery's prefork pool: children of a frozen main process, replaced after so many tasks."""

import os
import tempfile

from server import celery_pool, result_of


def test_tasks_run_in_children_of_a_frozen_process():
    import site_work

    with tempfile.TemporaryDirectory() as folder:
        os.environ["CELERY_FOLDER"] = folder
        with celery_pool("celery_tasks", folder, "off"):
            from celery_tasks import compute

            def results(count):
                pending = [compute.delay(n % 7) for n in range(count)]
                found = [result_of(result) for result in pending]
                assert [result[0] for result in found] == [site_work.work(n % 7) for n in range(count)]
                return {result[1] for result in found}, {tuple(result[2:]) for result in found}

            processes, frozen = results(10)
            assert len(frozen) == 1 and next(iter(frozen))[0]
            # After twenty tasks each process is replaced.
            later, still = results(80)
            assert still == frozen and len(later - processes) >= 2
