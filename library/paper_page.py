"""What the page of a paper shows of its reader's library: their note, and which lists have it."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from accounts.models import User
from library.models import ListItem, Note, ReadingList, ReadMark
from papers.models import Paper


def prepare_paper_page(request: HttpRequest, papers: Sequence[Paper]) -> None:
    """Set `request.own` for the template, and mark the paper as read, if this is its page.

    To be called after `mark_papers`: a paper is marked as read once.
    """
    match = request.resolver_match
    if not isinstance(request.user, User) or not match or match.view_name != "papers:paper":
        return
    (paper,) = papers
    items = ListItem.objects.filter(reading_list=OuterRef("pk"), paper=paper)
    request.own = {  # type: ignore[attr-defined]
        "note": Note.objects.filter(reader=request.user, paper=paper).first(),
        "lists": ReadingList.objects.of_reader(request.user).annotate(has_paper=Exists(items)),
    }
    is_prefetch = "prefetch" in request.headers.get("Sec-Purpose", "")
    if request.method == "GET" and not is_prefetch and not paper.is_read:
        ReadMark.objects.add(request.user, paper)
