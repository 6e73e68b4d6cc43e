"""Celery's settings, under the names of its manual; `config.celery` loads them.

The figures were measured with workers killed by `kill -9`: a task is never lost, and another
worker takes it up within seconds.
"""

from django.conf import settings

broker_url = settings.CELERY_BROKER_URL
broker_connection_retry_on_startup = True
broker_transport_options = {
    "visibility_timeout": 900,  # more than half as long again as the longest task
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 25,
}

timezone = settings.TIME_ZONE
beat_schedule_filename = str(settings.DATA_DIR / "beat-schedule")

task_serializer = "json"
accept_content = ["json"]
task_ignore_result = True
task_acks_late = True
task_reject_on_worker_lost = True  # with an attempt counter on every row
task_time_limit = 300
task_soft_time_limit = 240
task_default_queue = "default"
task_routes = {
    "papers.tasks.poll_source": {"queue": "fetch"},
    "papers.tasks.run_backfill": {"queue": "fetch"},
    "papers.tasks.look_up": {"queue": "fetch"},
    "papers.tasks.fetch_pictures": {"queue": "fetch"},
    "subscriptions.tasks.*": {"queue": "mail"},
}
task_publish_retry_policy = {"max_retries": 1, "interval_start": 0, "interval_max": 0.5}

worker_prefetch_multiplier = 1
worker_max_tasks_per_child = 200
worker_max_memory_per_child = 300_000  # kB
# Else each mail that is being sent when the broker dies would be in doubt. A task that is delivered
# again finds its row claimed, and does nothing.
worker_cancel_long_running_tasks_on_connection_loss = False
worker_soft_shutdown_timeout = 8
