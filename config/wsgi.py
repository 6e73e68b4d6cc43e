"""The WSGI application that the web server (granian) loads."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
# Code and settings live as long as the process. A garbage collector that visits them all takes two
# milliseconds of each search.
import_module(settings.ROOT_URLCONF)  # and with it all views
gc.collect()
gc.freeze()
