"""No address of the site answers 500, whatever its path, parameters and POSTed fields hold.

The addresses are those that the URL resolver knows, and the names of parameters are read from the
code, so a new one is tried by itself. The admin is apart: only trusted people use it.
"""

import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.http import urlencode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from library.forms import ListForm, NoteForm
from library.models import ReadingList
from papers.api.endpoints import api
from papers.web.report_form import ReportForm
from papers.web.submit_forms import HandForm
from subscriptions.orders.preferences_form import EditSubscriptionForm
from subscriptions.orders.subscribe_form import SubscribeForm
from tests.factories import a_paper, a_topic, a_user
from tests.hostile import HOSTILE
from tests.subscriptions.factories import a_delivery, a_subscriber

pytestmark = pytest.mark.sweep

ROOT = Path(__file__).resolve().parents[1]
NOT_PUBLIC = ("admin",)
PARAMETER = re.compile(r'(?:GET|POST|query|request)\.(?:get|getlist|pop)\(\s*"([\w-]+)"')
FROM_REQUEST = re.compile(r'choice_from_request\(\s*request, "(\w+)"')
EXAMPLES, LONG_EXAMPLES = 150, 6_000


def public_addresses(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern).strip("^$")
        if route.startswith(NOT_PUBLIC):
            continue
        if isinstance(pattern, URLPattern):
            yield re.sub(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", r"{\1\2}", route)
        else:
            yield from public_addresses(pattern, route)


def parameter_names() -> list[str]:
    """Every name that a view reads, that the API documents, or that a form has."""
    names = {"csrfmiddlewaretoken"}
    for app in ("accounts", "library", "papers", "subscriptions", "site_web"):
        for file in (ROOT / app).rglob("*.py"):
            names.update(PARAMETER.findall(text := file.read_text()), FROM_REQUEST.findall(text))
    operations = api.get_openapi_schema(path_prefix="/api/")["paths"].values()
    names.update(
        parameter["name"]
        for operation in operations
        for method in operation.values()
        for parameter in method.get("parameters", [])
    )
    for form in (SubscribeForm, EditSubscriptionForm, HandForm, ReportForm, ListForm, NoteForm):
        names.update(form.base_fields)
    return sorted(names)


ADDRESSES = sorted(set(public_addresses(get_resolver())))
PARAMETERS = parameter_names()
NUMBERS = [
    "0",
    "-1",
    "1",
    "2",
    "101",
    "007",
    "1e9",
    "1_0",
    "٣",
    "²",
    "NaN",
    "inf",
    "9" * 10,
    "9" * 30,
]
DATES = [
    *(
        "0000",
        "0001",
        "9999",
        "2025",
        "12345",
        "..",
        "..9999",
        "9999..",
        "0001..9999",
        "2025..2024",
    ),
    *("0001-01-01", "9999-12-31", "..9999-12-31", "2024-02-30", "0000-00-00", "2025-03-14"),
    *("0001-W01", "9999-W52", "9999-W53", "2025-W11", "2025-W54", "9999-12", "0001-01", "2025-03"),
]
DATES += [f"date:{name}" for name in DATES] + ["votes:" + "9" * 30, "in:cs", "topic:x", "au:x ti:x"]
NAMES = ["2502.03793", "hep-th/9901001", "10.1000/x", "10.9999", "p12345678", "everything", "daily"]
WORDS = ["hot", "new", "best", "week", "weekly", "visit", "pause", "resume", "keep", "One-Click"]
ZONES = ["UTC", "Europe/Berlin", "../etc/passwd", "/etc/localtime", "posixrules", "Factory", "."]
FOLDED = ["\ua7cb", "\u1c89", "İ", "ß", "ς", "ﬁ", "K", "Ǆ", "ͅ", "\U00010570"]
MAIL = [
    f"{local}@{host}" for local in ("ada", "é", "A" * 65) for host in ("x.org", "ü.de", "[::1]")
]
MAIL += [f"ada@x{letter}x.org" for letter in FOLDED] + ["ada@localhost", '"a b"@x.org', "@", "a@b"]
FORMS = ["atom", "rss", "json", "md", "bib", "ris", "xml"]
PIECES = [*NUMBERS, *DATES, *NAMES, *WORDS, *ZONES, *FOLDED, *MAIL, *FORMS, *HOSTILE, "9" * 5_000]
# Surrogates cannot be encoded for an address; percent signs bring in all other bytes.
TEXT = st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
RAW = st.sampled_from(["%00", "%", "%zz", "%ED%A0%80", "%FF", "//", "/../", "+", "%2F", "%0A", "?"])


class Visitor:
    """Sends generated requests, anonymously or signed in; each leaves the database as it was."""

    def __init__(self) -> None:
        self.addresses = count(1)
        paper, topic, user = a_paper("On moss", upvotes=3), a_topic("vision"), a_user(password="x")
        subscriber, delivery = a_subscriber(user.email), a_delivery()
        user.emailaddress_set.create(email=user.email, verified=True, primary=True)
        order = subscriber.subscriptions.get()
        own = ReadingList.objects.create(owner=user, title="Moss", is_public=True)
        self.known = {
            "token": [
                subscriber.preferences_token,
                subscriber.unsubscribe_url.split("/")[2],
                delivery.view_url.split("/")[-1],
            ],
            **dict.fromkeys(("key", "spelling", "id"), [paper.key]),
            **dict.fromkeys(("slug", "topic", "name"), [topic.slug]),
            "list_key": [own.key],
            **dict.fromkeys(("form", "section"), FORMS),
            "provider": ["postmark", "sendgrid", "amazon_ses"],
            "order": [str(order.pk)],
        }
        self.prefixes = ["", "", "", "more-", f"order-{order.pk}-"]
        self.clients = [Client(raise_request_exception=False) for _ in range(2)]
        self.clients[1].force_login(user)

    def send(self, data: st.DataObject) -> int:
        """The status. Each request comes from another client, so no rate limit refuses it."""
        fill = lambda match: data.draw(self.values(match[1], raw=True))  # noqa: E731
        path = re.sub(r"\{(\w+)\}", fill, data.draw(st.sampled_from(ADDRESSES)))
        query = urlencode(data.draw(self.fields()))
        raw = data.draw(st.just("") | RAW)
        client = data.draw(st.sampled_from(self.clients))
        method = data.draw(st.sampled_from(["GET", "GET", "POST", "HEAD", "PUT"]))
        body = urlencode(data.draw(self.fields())) if method == "POST" else ""
        number = next(self.addresses)
        with transaction.atomic():
            response = client.generic(
                method,
                f"/{path}?{query}{raw}",
                body,
                "application/x-www-form-urlencoded",
                REMOTE_ADDR=f"fd00:{number >> 16 & 0xFFFF:x}:{number & 0xFFFF:x}::1",
                HTTP_ACCEPT=data.draw(st.sampled_from(["*/*", "text/markdown", "text/html"])),
            )
            list(response.streaming_content) if response.streaming else response.content
            transaction.set_rollback(True)
        return response.status_code

    def values(self, name: str, *, raw: bool = False) -> st.SearchStrategy[str]:
        values = st.one_of(TEXT, st.sampled_from(self.known.get(name, ["x"])))
        return values.map(quoted) | RAW if raw else values

    def fields(self) -> st.SearchStrategy[list[tuple[str, str]]]:
        names = st.tuples(st.sampled_from(self.prefixes), st.sampled_from(PARAMETERS))
        pairs = names.flatmap(
            lambda name: st.tuples(st.just(name[0] + name[1]), self.values(name[1]))
        )
        return st.lists(pairs, max_size=6)


def quoted(text: str) -> str:
    return re.sub(r"[^\w./:@-]", lambda match: urlencode({"": match[0]})[1:], text, flags=re.ASCII)


def answers_below_500(examples: int) -> Callable[..., Any]:
    def check(visitor: Visitor, data: st.DataObject) -> None:
        assert visitor.send(data) < 500

    options = {"max_examples": examples, "deadline": None, "database": None}
    health = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
    return settings(suppress_health_check=health, **options)(given(data=st.data())(check))


@pytest.fixture
def visitor(db: None) -> Iterator[Visitor]:
    yield Visitor()
    cache.clear()


def test_addresses_and_parameters_are_found() -> None:
    assert {"search", "papers/{key}", "subscriptions/{token}/confirm", "accounts/login/"} <= {
        *ADDRESSES
    }
    assert {"page", "topic", "min_votes", "q", "date", "cursor", "order", "address"} <= {
        *PARAMETERS
    }


test_no_address_answers_500 = answers_below_500(EXAMPLES)
test_no_address_answers_500_in_thousands_of_requests = pytest.mark.long(
    pytest.mark.timeout(3_600)(answers_below_500(LONG_EXAMPLES))
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/?page=" + "9" * 30, 404),
        ("/?page=000000000000000001", 200),
        ("/search?q=date:9999", 200),
        ("/search?q=date:..9999", 200),
        ("/search?q=x+date:9999-12-31", 200),
        ("/search?q=votes:" + "9" * 30, 200),
        ("/feeds/search.atom?q=date:9999", 200),
        ("/feeds/day/9999-12-31.atom", 404),
        ("/api/papers/search?q=date:..9999-12-31", 200),
        ("/api/daily_papers?date=9999-12-31", 400),
        ("/api/papers?cursor=" + "9" * 30, 400),
        ("/papers/date/0001-01-01", 404),
        ("/papers/date/9999-12-31", 404),
        ("/papers/week/0001-W01", 404),
        ("/papers/week/9999-W52", 404),
        ("/papers/month/0001-01", 404),
        ("/digests/daily/0001-01-01", 404),
        ("/digests/weekly/9999-W52", 404),
        ("/digests?page=" + "9" * 5_000, 414),
        ("/search?q=" + "x" * 5_000, 414),
        ("/api/papers/search?q=" + "x" * 5_000, 414),
        ("/subscribe?min_votes=" + "9" * 30, 200),
    ],
)
def test_numbers_and_dates_out_of_bounds_have_an_answer(
    client: Client, path: str, status: int
) -> None:
    a_paper("On moss")

    response = client.get(path)

    assert response.status_code == status
    if path.startswith("/api/") and status >= 400:
        assert set(response.json()) == {"error"}


@pytest.mark.django_db
def test_orders_to_end_that_are_no_numbers_end_nothing(client: Client) -> None:
    subscriber = a_subscriber()
    orders = ["9" * 5_000, "9" * 30, "٣", "²", "-1", "x"]

    response = client.post(subscriber.unsubscribe_url, {"order": orders})

    assert response.status_code == 200
    assert subscriber.subscriptions.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("letter", FOLDED)
def test_letters_that_python_and_postgresql_fold_differently_have_an_answer(
    client: Client, letter: str
) -> None:
    addresses = [f"ada{letter}@x.org", f"ada@x{letter}x.org", f"ADA@X{letter}X.ORG"]
    for address in [*addresses, *addresses]:
        fields = {"address": address, "everything": "on", "password1": "moss-and-ferns"}
        assert client.post("/subscribe", fields).status_code == 200
        sign_up = client.post("/accounts/signup/", fields | {"email": address})
        assert sign_up.status_code in {200, 302, 429}


@pytest.mark.django_db
def test_value_that_the_database_refuses_is_a_bad_request(client: Client, monkeypatch) -> None:
    def refuse(*_: object) -> None:
        with connection.cursor() as cursor, transaction.atomic():
            cursor.execute("SELECT %s::integer", [10**10])

    monkeypatch.setattr("papers.models.paper_queries.PaperQuerySet.visible", refuse)

    page, record = client.get("/papers/x"), client.get("/api/papers/x")

    assert (page.status_code, record.status_code) == (400, 400)
    assert "error" in record.json()


@pytest.mark.django_db
def test_errors_of_the_api_are_objects(monkeypatch) -> None:
    monkeypatch.setattr("papers.models.paper_queries.PaperQuerySet.visible", lambda _: 1 / 0)

    response = Client(raise_request_exception=False).get("/api/papers/x")

    assert response.status_code == 500
    assert "error" in response.json()


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "status"), [("/subscribe", 400), ("/nothing/here", 404)])
def test_broken_form_is_refused(client: Client, path: str, status: int) -> None:
    answer = client.post(path, b"--x", content_type="multipart/form-data; boundary=")
    assert answer.status_code == status


@pytest.mark.django_db
def test_form_with_too_many_fields_is_refused(client: Client) -> None:
    answer = client.post("/subscribe", {f"field{number}": "" for number in range(1_500)})
    assert answer.status_code == 400
