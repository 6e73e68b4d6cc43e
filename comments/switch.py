"""The setting COMMENTS: `off` removes every trace of comments, also of those that were made."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def if_comments_are_on(view: View[P]) -> View[P]:
    """Answers 404 where the site has no comments."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not settings.COMMENTS:
            raise Http404("This site has no comments.")
        return view(request, *args, **kwargs)

    return cast(View[P], wrapped)
