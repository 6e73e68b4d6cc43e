<<<<<<< HEAD
"""The Celery application, and the schedule of the periodic tasks."""
=======
"""The Celery application, and the schedule of all periodic tasks."""
>>>>>>> d7c027e (Split ingest by noun: polling, matching, listing, source_history, late_line; one model a file)

import gc
import os

from celery import Celery
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("papers")
app.config_from_object("config.celery_settings")
app.autodiscover_tasks()


@worker_process_init.connect
<<<<<<< HEAD
def freeze_loaded_objects(**_: object) -> None:
    """Code and settings live as long as the process: the garbage collector need not visit them."""
=======
def keep_what_is_loaded(**_: object) -> None:
    """Exempt loaded modules from garbage collection: they live as long as the process does."""
>>>>>>> d7c027e (Split ingest by noun: polling, matching, listing, source_history, late_line; one model a file)
    gc.freeze()


@app.on_after_finalize.connect
def schedule(sender: Celery, **_: object) -> None:
<<<<<<< HEAD
    # A sweep looks for rows that are due: what is due stands in the database, so that two
    # schedulers do no harm, and a missed run is caught up by the next.
=======
    # Each task looks in the database for rows that are due, so two schedulers do no harm, and what
    # was missed while none ran is done by the next task.
>>>>>>> d7c027e (Split ingest by noun: polling, matching, listing, source_history, late_line; one model a file)
    from django.conf import settings

    for name in ("papers.tasks.sweep", "subscriptions.tasks.sweep"):
        sender.add_periodic_task(settings.SWEEP_SECONDS, sender.signature(name), name=name)
    gaps = "papers.tasks.find_gaps"
    sender.add_periodic_task(60 * settings.SWEEP_SECONDS, sender.signature(gaps), name=gaps)
