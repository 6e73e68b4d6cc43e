"""What readers keep to themselves is on no page, feed or file that somebody else can open.

One reader has a word of their own in everything that they write or that is known of them; others
have one switch of their profile on. Then every address of the URL conf is opened, so that a new one
is searched too.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import product

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import CuratorNote, User
from comments.models import Comment, CommentReport
from following.models import Follow, Mute, PrivateFeed
from interests.models import Interest
from library.models import ListReport, Note, ReadingList
from notifications.models import Notification
from papers.models import Paper, PaperSearch, Report, Submission
from profiles.models import Claim
from profiles.profile_form import SWITCHES
from reader_api.models import ApiToken
from tests.factories import a_paper, a_user, a_voter
from tests.subscriptions.factories import a_subscriber
from tests.test_permissions import ADDRESS_ROWS, Samples

pytestmark = [pytest.mark.sweep, pytest.mark.django_db(transaction=True)]

PRIVATE = {
    *("zqmail", "zqdomain", "zqfeedtoken", "zqnote", "zqlist", "zqdescription", "zqinterest"),
    *("zqadded", "zqmuted", "zqauthor", "zqsearch", "zqorder", "zqheld", "zqclaim", "zqlab"),
    *("zqappeal", "zqtoken", "zqwhy", "zqreport", "zqreason", "zqnotified", "zqspam"),
}
CURATORS_NOTE = "zqcurator"  # private to curators
# Each with the number of a reader.
NAME, HANDLE, LIST, SAID, ORCID = "zqname", "zqhandle", "zqpublic", "zqsaid", "0000-0002-1825-000"
PLANTED = re.compile(
    rf"(?:{'|'.join([*PRIVATE, CURATORS_NOTE, NAME, HANDLE, LIST, SAID, ORCID])})\d?"
)

READER_PAGE, PAPER_PAGE = "readers/<str:handle>", "papers/<path:key>"
LIST_PAGE, LIST_FEED = "lists/<slug:list_key>", "lists/<slug:list_key>.<feed:form>"
COMMENT_FEEDS = ["feeds/comments.<feed:form>", "feeds/papers/<key:key>/comments.<feed:form>"]
# Whatever the switches say: who writes a comment signs it, and a public list has a page.
ALWAYS_PUBLIC = {
    READER_PAGE: {NAME, HANDLE},
    **dict.fromkeys([PAPER_PAGE, "comments", *COMMENT_FEEDS], {NAME, SAID}),
    **dict.fromkeys([LIST_PAGE, LIST_FEED], {LIST}),
}
SUBMITTER_PAGES = ["/", "papers/date/<str:day>", "papers/week/<str:week>", "papers/trending"]
SUBMITTER_PAGES += ["papers/month/<str:month>", "authors", "search", "papers/<key:key>.<form:form>"]
SUBMITTER_PAGES += ["api/daily_papers", "api/papers/<path:id>", "api/papers/search"]
# What each switch adds, and to which pages.
SHOWN: dict[str, dict[str, set[str]]] = {
    "none": {},
    "shows_submitted": dict.fromkeys(SUBMITTER_PAGES, {NAME}),
    "shows_orcid": {READER_PAGE: {ORCID}},
    "shows_lists": {READER_PAGE: {LIST}, LIST_PAGE: {NAME}},
    "shows_comments": {READER_PAGE: {SAID}},
    "shows_upvotes": {PAPER_PAGE: {NAME}},
}
# Who is signed in may report comments, and sees again what they have read.
REPORT = "comments/<int:pk>/report"  # by GET, the form with the comment
SIGNED_IN = {
    REPORT: {f"{SAID}{number}" for number in range(len(SHOWN))},
    "me/read": {f"{NAME}1"},
}
TITLES = {
    "shows_submitted": "A submitted moss",
    "shows_comments": "A discussed moss",
    "shows_upvotes": "An upvoted moss",
}
IMAGES = (".png", ".webp")  # too long to draw, and not searched
QUERIES = {
    "authors": "?name=Ada+Quill",
    "feeds/authors.<feed:form>": "?name=Ada+Quill",
    "search": "?q=moss",
    "feeds/search.<feed:form>": "?q=moss",
    "api/papers/search": "?q=moss",
    "api/daily_papers": "?date=2025-03-14",
}


@pytest.mark.timeout(300)
def test_nothing_private_is_found_by_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader opens each page first: were it kept, a stranger would get it."""
    cache.clear()
    # Templates and contexts, which the client copies for each page: half of its time.
    monkeypatch.setattr("django.test.client.store_rendered_templates", lambda *_, **__: None)
    discussed, upvoted = a_paper("A discussed moss"), a_paper("An upvoted moss")
    readers = [a_reader(switch, discussed, upvoted) for switch in SHOWN]
    write_private_words(readers[0], Paper.objects.get(title="A submitted moss 0"))
    paths = every_path()
    in_api = [(address, path) for address, path in paths if address.startswith("api/")]
    own, stranger = Client(), Client()
    own.force_login(readers[0])
    other, program = others()

    assert set().union(*words_by_address(own, paths).values()) >= PRIVATE
    public = everything_public()
    assert words_by_address(stranger, paths) == public
    assert words_by_address(other, paths) == public | SIGNED_IN
    of_api = {address: words for address, words in public.items() if address.startswith("api/")}
    assert words_by_address(program, in_api) == of_api
    for number, switch in enumerate(SHOWN):
        page = stranger.get(f"/readers/{HANDLE}{number}").text
        assert [one for one, title in TITLES.items() if title in page] == [switch] * (
            switch in TITLES
        )


def test_only_curators_read_their_notes_about_a_reader(client: Client) -> None:
    reader = a_user()
    CuratorNote.objects.create(about=reader, text=CURATORS_NOTE)
    client.force_login(a_user(is_staff=True, is_superuser=True))

    assert CURATORS_NOTE in client.get(f"/admin/accounts/user/{reader.pk}/notes/").text


def a_reader(switch: str, discussed: Paper, upvoted: Paper) -> User:
    """With something of each kind that a switch shows; their number is that of the switch."""
    number = list(SHOWN).index(switch)
    switches = {name: name == switch for name in SWITCHES}
    address = f"zqmail{number or ''}@zqdomain.example"
    reader = a_user(address, name=f"{NAME}{number}", handle=f"{HANDLE}{number}", **switches)
    a_voter(reader).socialaccount_set.create(  # type: ignore[attr-defined]
        provider="orcid", uid=f"{ORCID}{number}", extra_data={"userinfo": {"name": reader.name}}
    )
    submitted = a_paper(
        f"A submitted moss {number}",
        submitter=reader,
        submitter_name=reader.submitter_name,
        authors=["Ada Quill"],
    )
    PaperSearch.objects.create(paper=submitted, title="moss", author_names=["ada quill"])
    Comment.objects.create(paper=discussed, author=reader, text=f"{SAID}{number}")
    upvoted.upvote(reader)
    public = ReadingList.objects.create(owner=reader, title=f"{LIST}{number}", is_public=True)
    public.add([discussed])
    return reader


def write_private_words(reader: User, paper: Paper) -> None:
    """Something of each kind that nobody else is to read, curators excepted."""
    Note.objects.write(reader, paper, "zqnote")
    own_list = ReadingList(owner=reader, title="zqlist", description="zqdescription")
    own_list.save()
    own_list.add([paper])
    Interest.objects.create(reader=reader, name="zqinterest", added_words=["zqadded"])
    Mute.objects.add(reader, what="word", words="zqmuted")
    Follow.objects.add(reader, what="author", words="zqauthor")
    Follow.objects.add(reader, what="search", words="zqsearch")
    PrivateFeed.objects.create(reader=reader, kind="followed", token="zqfeedtoken")
    a_subscriber(reader.email, orders=[{"what": "search", "words": "zqorder"}])
    Comment.objects.create(paper=paper, author=reader, text="zqheld", state="held")
    reported = Comment.objects.create(paper=paper, author=a_user(), text="Well.")
    ListReport.objects.create(reading_list=a_public_list(), reporter=reader, words="zqspam")
    CommentReport.objects.create(comment=reported, reporter=reader, words="zqreason")
    Report.objects.create(paper=paper, reporter=reader, reason="wrong", words="zqreport")
    Submission.objects.create(paper=paper, submitter=reader, title=paper.title, why="zqwhy")
    Notification.objects.create(reader=reader, kind="author", paper=paper, name="zqnotified")
    proof = {"evidence": "email", "address": "zqclaim@zqlab.example", "appeal": "zqappeal"}
    Claim.objects.create(reader=reader, author="Ada Quill", **proof)
    ApiToken.objects.issue(reader, "zqtoken", ["read"])
    for about in (reader, paper):
        CuratorNote.objects.create(about=about, text=CURATORS_NOTE)


def a_public_list() -> ReadingList:
    return ReadingList.objects.create(owner=a_user(), title="Ferns", is_public=True)


def others() -> list[Client]:
    """Another reader, who follows a list that is private by now, and a program of theirs."""
    other = a_voter(a_user())
    Follow.objects.add(other, what="list", reading_list=ReadingList.objects.get(title="zqlist"))
    signed_in = Client()
    signed_in.force_login(other)
    token = ApiToken.objects.issue(other, "Lab", list(ApiToken.Scope))
    return [signed_in, Client(headers={"Authorization": f"Bearer {token}"})]


def everything_public() -> dict[str, set[str]]:
    """What strangers may find, by address."""
    words: dict[str, set[str]] = defaultdict(set)
    for number, added in enumerate(SHOWN.values()):
        for address, some in [*ALWAYS_PUBLIC.items(), *added.items()]:
            words[address] |= {f"{word}{number}" for word in some}
    return words


def every_path() -> list[tuple[str, str]]:
    """Each address of the site, with the paths that lead to what is of these readers."""
    papers = Paper.objects.exclude(title__regex="[2-9]$").values_list("key", flat=True)
    lists = ReadingList.objects.values_list("key", flat=True)
    models = [Interest, Claim, Comment, ApiToken, Follow, Mute]
    keys = {key for model in models for key in model._default_manager.values_list("pk", flat=True)}
    choices: dict[str, list[object]] = {
        **dict.fromkeys(["key:key", "path:key", "path:id"], list(papers)),
        **dict.fromkeys(["int:pk", "int:interest_id"], sorted(keys)),
        "slug:list_key": list(lists),
        "str:handle": [f"{HANDLE}{number}" for number in range(len(SHOWN))],
        "feed:form": ["atom", "rss", "json"],
        "references:form": ["bib", "ris"],
        "form:form": ["md", "bib", "ris", "json"],
        "slug:section": ["pages", "days", "topics", "papers"],
    }
    samples = Samples()
    return [
        (address, samples.path(filled) + QUERIES.get(address, ""))
        for address, (method, _) in ADDRESS_ROWS.items()
        if not address.endswith(IMAGES)
        for filled in fill_in(address, choices if method == "GET" or address == REPORT else {})
    ]


def fill_in(address: str, choices: dict[str, list[object]]) -> Iterator[str]:
    """This address with each combination of values for those of its parameters in `choices`."""
    names = [name for name in re.findall(r"<([\w:]+)>", address) if name in choices]
    for values in product(*(choices[name] for name in names)):
        filled = address
        for name, value in zip(names, values, strict=True):
            filled = filled.replace(f"<{name}>", str(value))
        yield filled


def words_by_address(client: Client, paths: list[tuple[str, str]]) -> dict[str, set[str]]:
    """What is planted in the responses, headers included, by the address in the URL conf."""
    found: dict[str, set[str]] = defaultdict(set)
    for address, path in paths:
        response = client.get(path)
        assert response.status_code < 500, path
        content = b"".join(response) if response.streaming else response.content
        text = f"{response.headers}\n{content.decode(errors='replace')}"
        found[address].update(PLANTED.findall(text.lower()))
    return {address: words for address, words in found.items() if words}
