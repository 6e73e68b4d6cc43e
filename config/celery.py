"""The workers' way in, and the whole schedule: who is rung, and how often."""

import gc
import os

from celery import Celery
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("papers")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def keep_what_is_loaded(**_: object) -> None:
    """It stays as long as the process does: no collection of garbage need look through it again."""
    gc.freeze()


@app.on_after_finalize.connect
def schedule(sender: Celery, **_: object) -> None:
    # A ring says "look what is due": the rows know, so two schedulers or none do no harm.
    from django.conf import settings

    for name in ("papers.tasks.sweep", "subscriptions.tasks.sweep"):
        sender.add_periodic_task(settings.SWEEP_SECONDS, sender.signature(name), name=name)
    holes = "papers.tasks.look_for_holes"
    sender.add_periodic_task(60 * settings.SWEEP_SECONDS, sender.signature(holes), name=holes)
