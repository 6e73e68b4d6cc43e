"""The Celery application, and the schedule of the periodic tasks."""

import gc
import os

from celery import Celery
from celery.signals import setup_logging, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("papers")
app.config_from_object("config.celery_settings")
app.autodiscover_tasks()


@setup_logging.connect
def keep_logging_of_the_settings(**_: object) -> None:
    """Celery configures no handlers of its own where something listens to this signal."""


@worker_process_init.connect
def freeze_loaded_objects(**_: object) -> None:
    """Code and settings live as long as the process: the garbage collector need not visit them."""
    gc.freeze()


@app.on_after_finalize.connect
def schedule(sender: Celery, **_: object) -> None:
    # A sweep looks for rows that are due: what is due stands in the database, so that two
    # schedulers do no harm, and a missed run is caught up by the next.
    from django.conf import settings

    for name in ("papers", "interests", "notifications", "subscriptions"):
        sweep = f"{name}.tasks.sweep"
        sender.add_periodic_task(settings.SWEEP_SECONDS, sender.signature(sweep), name=sweep)
    gaps = "papers.tasks.find_gaps"
    sender.add_periodic_task(60 * settings.SWEEP_SECONDS, sender.signature(gaps), name=gaps)
    sessions = "accounts.tasks.clear_sessions"
    sender.add_periodic_task(60 * settings.SWEEP_SECONDS, sender.signature(sessions), name=sessions)
