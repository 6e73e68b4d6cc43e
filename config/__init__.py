"""How the parts are wired: settings, addresses, workers, and the servers from wheels."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
