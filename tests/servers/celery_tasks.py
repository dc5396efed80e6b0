"""Tasks for the test of Celery, over files in the folder CELERY_FOLDER."""

import os
import sys

from celery import Celery

import ember.celery
from site_work import DATA, work

FOLDER = os.environ["CELERY_FOLDER"]
for name in ("queue", "results"):
    os.makedirs(os.path.join(FOLDER, name), exist_ok=True)
QUEUE = os.path.join(FOLDER, "queue")
app = Celery("celery_tasks", broker="filesystem://", backend="file://" + os.path.join(FOLDER, "results"))
app.conf.update(
    broker_transport_options={"data_folder_in": QUEUE, "data_folder_out": QUEUE, "control_folder": os.path.join(FOLDER, "control")},
    worker_max_tasks_per_child=20,
)


@app.task
def compute(n):
    return [work(n), os.getpid(), sys.getrefcount(DATA["key 7"]) >= 1 << 31, id(DATA["key 7"])]


def warm():
    for n in range(5):
        compute.run(n)


ember.celery.install(warmup="celery_tasks:warm")
