"""A log line for each request, for sites that set LOG_REQUESTS.

Without the query, which holds what people search for; tokens go from paths as from any log line.
"""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)


def log_requests(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    if not settings.LOG_REQUESTS:
        raise MiddlewareNotUsed

    def middleware(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = get_response(request)
        milliseconds = 1_000 * (time.perf_counter() - began)
        line = (request.method, request.path, response.status_code, milliseconds)
        logger.info("%s %s %d %.0f ms", *line)
        return response

    return middleware
