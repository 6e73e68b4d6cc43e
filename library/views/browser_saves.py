"""Takes over what a reader saved before they signed in: `saves.js` kept it in their browser."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.models import User
from library.models import Save
from library.named_papers import find_papers

MAX_KEYS = 1_000  # as in saves.js


@never_cache
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Save the papers of the field `keys`, which are separated by spaces, the newest last.

    Answers 204, after which the browser forgets them; the next page says what became of them.
    """
    if not isinstance(request.user, User):
        return HttpResponse(status=401)
    keys = request.POST.get("keys", "").split()[-MAX_KEYS:]
    papers = find_papers(("key", key) for key in reversed(keys))
    Save.objects.add(request.user, papers.values())
    if papers:
        count = len(papers)
        were = "were" if count > 1 else "was"
        messages.info(
            request,
            f"{count} paper{pluralize(count)} that {were} saved in this browser {were} added to "
            "your saved papers.",
        )
    return HttpResponse(status=204)
