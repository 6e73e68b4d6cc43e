"""Day, week, month, trending and topic pages: what is seen, what must not be, and how cheaply."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from papers.ingest.upsert import upsert
from papers.models import Paper, PaperTopic, Source
from papers.views import list_page
from papers.web import day_counts, pagination
from tests.factories import MARCH_14, a_paper, a_topic, an_entry

pytestmark = pytest.mark.django_db
MARCH_13 = date(2025, 3, 13)
MARCH_10 = date(2025, 3, 10)
NOON = datetime(2025, 3, 14, 12, tzinfo=UTC)


def a_source(name: str) -> Source:
    return Source.objects.create(name=name, url=f"https://example.org/{name}")


def titles(response) -> list[str]:
    """In the order of the page."""
    return [paper.title for paper in response.context["page"].object_list]


def test_front_page_is_the_newest_day_that_has_papers(client: Client):
    a_paper("Yesterday's", listed_on=MARCH_13)
    a_paper("Today's", listed_on=MARCH_14)

    response = client.get("/")

    assert titles(response) == ["Today's"]
    assert "Friday, 14 March 2025" in response.content.decode()


def test_front_page_says_who_votes_and_which_day_it_shows(client: Client):
    a_paper("Yesterday's", listed_on=MARCH_13)
    page = client.get("/").content.decode()
    assert "every reader with an account can vote" in page
    assert "This page shows the newest day that has papers." in page
    day_page = client.get("/papers/date/2025-03-13").content.decode()
    assert "every reader with an account can vote" not in day_page


def test_front_page_of_an_empty_site_says_so(client: Client):
    response = client.get("/")

    assert response.status_code == 200
    assert "first papers are on their way" in response.content.decode()


@pytest.mark.parametrize(
    "address", ["/papers/date/2025-03-14", "/papers/week/2025-W11", "/papers/month/2025-03"]
)
def test_period_shows_its_papers(client: Client, address):
    a_paper("In it")
    a_paper("Before", listed_on=date(2025, 2, 1))
    a_paper("After", listed_on=date(2025, 4, 1))

    assert titles(client.get(address)) == ["In it"]


def test_previous_and_next_skip_empty_days(client: Client):
    for day in (MARCH_10, MARCH_14, date(2025, 3, 20)):
        a_paper(listed_on=day)

    context = client.get("/papers/date/2025-03-14").context

    assert context["previous"]["url"] == "/papers/date/2025-03-10"
    assert context["next"]["url"] == "/papers/date/2025-03-20"


def test_week_53_is_a_week(client: Client):
    a_paper(listed_on=date(2026, 12, 31) - timedelta(days=365 * 6 + 2))  # 30 December 2020

    response = client.get("/papers/week/2020-W53")

    assert len(titles(response)) == 1


@pytest.mark.parametrize(
    "address",
    [
        "/papers/date/2025-02-30",
        "/papers/date/2025-3-14",
        "/papers/date/yesterday",
        "/papers/date/9999-12-31",
        "/papers/date/0000-01-01",
        "/papers/week/2025-W54",
        "/papers/week/2025-W00",
        "/papers/week/2025-11",
        "/papers/month/2025-13",
        "/papers/month/0000-01",
        "/papers/month/9999-12",
    ],
)
def test_impossible_or_future_date_offers_the_newest_day(client: Client, address):
    a_paper()

    response = client.get(address)

    assert response.status_code == 404
    assert "/papers/date/2025-03-14" in response.content.decode()


def test_hidden_queued_and_scheduled_papers_are_on_no_page(client: Client):
    tomorrow = timezone.localdate() + timedelta(days=1)
    a_paper("Hidden").hide("spam")
    a_paper("Queued", listed_on=None, listing_wanted=True)
    a_paper("Scheduled", listed_on=tomorrow)
    a_paper("Seen")

    for address in ("/", "/papers/trending", f"/papers/month/{tomorrow:%Y-%m}"):
        assert not {"Hidden", "Queued", "Scheduled"} & set(titles(client.get(address)))


def test_a_curators_place_is_kept_then_picks_come_first_then_hotness(client: Client):
    a_paper("cold", upvotes=1)
    a_paper("hot", upvotes=50)
    a_paper("placed", position=3)
    a_paper("pick", featured=True)

    assert titles(client.get("/")) == ["pick", "hot", "placed", "cold"]
    assert titles(client.get("/?sort=upvotes"))[:2] == ["hot", "cold"]


@pytest.mark.parametrize("period", ["week/2025-W11", "month/2025-03"])
def test_week_and_month_stand_by_upvotes_on_page_in_feed_and_api(client: Client, period):
    kind, name = period.split("/")
    a_paper("Monday's best", upvotes=50, listed_on=MARCH_10)
    a_paper("Thursday's", upvotes=40, listed_on=MARCH_13)
    a_paper("Thursday's pick", upvotes=1, featured=True, position=1, listed_on=MARCH_13)
    a_paper("Friday's", upvotes=9)
    by_votes = ["Monday's best", "Thursday's", "Friday's", "Thursday's pick"]

    page = client.get(f"/papers/{period}")
    feed = client.get(f"/feeds/{period}.json").json()["items"]

    assert titles(page) == by_votes
    assert 'id="by-upvotes"' in page.content.decode()
    assert page.context["sort"] == "upvotes"
    assert [entry["title"] for entry in feed] == by_votes
    assert feed[0]["content_html"].startswith("<p>50 upvotes</p>")
    assert feed[-1]["content_html"].startswith("<p>1 upvote</p>")
    api = client.get(f"/api/daily_papers?{kind}={name}").json()
    assert [entry["title"] for entry in api] == by_votes
    assert titles(client.get(f"/papers/{period}?sort=hot"))[0] == "Thursday's"
    assert titles(client.get(f"/papers/{period}?sort=new"))[0] == "Friday's"


def test_day_stands_alike_on_page_and_in_api(client: Client):
    a_paper("hot", upvotes=50)
    a_paper("placed", position=1)
    a_paper("pick", featured=True)

    api = client.get("/api/daily_papers?date=2025-03-14").json()

    assert [entry["title"] for entry in api] == titles(client.get("/")) == ["placed", "pick", "hot"]


def test_week_leads_to_its_days_with_the_filters_kept(client: Client):
    vision = a_topic("vision")
    for day, votes in [(MARCH_10, 5), (MARCH_14, 5), (MARCH_14, 6), (MARCH_14, 1)]:
        paper = a_paper(upvotes=votes, listed_on=day)
        PaperTopic.objects.create(paper=paper, topic=vision)
    a_paper(upvotes=9, listed_on=MARCH_13)

    response = client.get("/papers/week/2025-W11?topic=vision&min_votes=5&sort=new")

    assert [(day["label"], day["count"]) for day in response.context["days_of_period"]] == [
        ("Mon 10", 1),
        ("Fri 14", 2),
    ]
    address = "/papers/date/2025-03-14?topic=vision&min_votes=5"
    assert response.context["days_of_period"][1]["url"] == address
    assert len(titles(client.get(address))) == 2
    assert not client.get(address).context["days_of_period"]


def test_trending_lets_fridays_best_stand_on_monday(client: Client):
    friday = a_paper("Friday's best", upvotes=100, listed_on=MARCH_14)
    monday = a_paper("Monday's so far", upvotes=9, listed_on=date(2025, 3, 17))

    assert titles(client.get("/papers/trending")) == [friday.title, monday.title]


def test_topic_filter_is_any_of_and_a_link_one_can_send(client: Client):
    language, vision, maths = a_topic("language"), a_topic("vision"), a_topic("maths")
    for title, topic in (("L", language), ("V", vision), ("M", maths)):
        PaperTopic.objects.create(paper=a_paper(title), topic=topic)

    response = client.get("/papers/date/2025-03-14?topic=language&topic=vision")

    assert sorted(titles(response)) == ["L", "V"]
    assert [t["slug"] for t in response.context["topics"] if t["selected"]] == [
        "language",
        "vision",
    ]


@pytest.mark.slow
def test_topics_of_every_list_have_counts_that_fit_its_other_filters(client: Client, ada):
    """Each says how many papers its topic would show; the selected one stays, also with none."""
    language, vision = a_topic("language"), a_topic("vision")
    a_topic("unused")
    for votes, topics in [(1, [language]), (5, [language, vision]), (9, [vision]), (9, [])]:
        entry = an_entry(upvotes=votes, authors=("Ada Jones",), announced_on=MARCH_14)
        upsert([entry], now=NOON)
        paper = Paper.objects.latest("pk")
        for topic in topics:
            PaperTopic.objects.create(paper=paper, topic=topic)
    PaperTopic.objects.create(paper=paper, topic=language, against=True)
    PaperTopic.objects.create(paper=a_paper("Hidden", hidden_at=NOON), topic=vision)

    def counts(address: str) -> dict[str, int]:
        return {topic["slug"]: topic["count"] for topic in client.get(address).context["topics"]}

    lists = ["date/2025-03-14", "week/2025-W11", "month/2025-03", "trending"]
    for page in ["/", *(f"/papers/{name}" for name in lists), "/authors?name=ada+jones"]:
        both = "&" if "?" in page else "?"
        assert counts(page) == {"language": 2, "vision": 2}
        assert counts(f"{page}{both}topic=vision") == {"language": 2, "vision": 2}
        assert counts(f"{page}{both}min_votes=5") == {"language": 1, "vision": 2}
        assert counts(f"{page}{both}min_votes=6") == {"vision": 1}
        chosen = counts(f"{page}{both}min_votes=6&topic=language")
        assert chosen == {"language": 0, "vision": 1}
    assert counts("/topics/language") == {"vision": 1}
    assert counts("/papers/trending?fair=1") == {}  # nothing of the last ninety days

    Paper.objects.exclude(upvotes=5).update(listed_at=NOON - timedelta(hours=3))
    ada.previous_visit_at = NOON - timedelta(hours=1)
    ada.visited_at = timezone.now()
    ada.save()
    client.force_login(ada)
    assert counts("/papers/trending?since=visit") == {"language": 1, "vision": 1}


def test_curators_no_outlives_the_rule(client: Client):
    topic = a_topic("language")
    PaperTopic.objects.create(paper=a_paper("Not this"), topic=topic, by="curator", against=True)

    assert titles(client.get("/topics/language")) == []


def test_filter_that_matches_nothing_offers_a_way_out(client: Client):
    a_paper()

    response = client.get("/papers/date/2025-03-14?topic=unheard-of")

    assert response.status_code == 200
    assert response.context["clear_url"] == "/papers/date/2025-03-14"
    assert 'href="/papers/date/2025-03-14"' in response.content.decode()


def test_minimum_of_votes(client: Client):
    a_paper("few", upvotes=2)
    a_paper("many", upvotes=3)

    assert titles(client.get("/?min_votes=3")) == ["many"]


@pytest.mark.parametrize("query", ["sort=best", "min_votes=many", "min_votes=-1", "min_votes=1e9"])
def test_senseless_query_is_a_clear_error(client: Client, query):
    a_paper()

    response = client.get(f"/?{query}")

    assert response.status_code == 400


@pytest.mark.parametrize("page", ["2", "0", "-1", "x", "101", "99999999999999999999"])
def test_page_that_is_not_there_is_a_404(client: Client, page):
    a_paper()

    assert client.get(f"/?page={page}").status_code == 404


def test_sixty_to_a_page_and_the_pager_keeps_the_filter(client: Client):
    for _ in range(61):
        a_paper(upvotes=5)

    first, second = client.get("/?min_votes=1"), client.get("/?min_votes=1&page=2")

    assert (len(titles(first)), len(titles(second))) == (60, 1)
    assert "min_votes=1&amp;page=2" in first.content.decode()
    assert "Page 1 of 2" in first.content.decode()


@pytest.mark.slow
def test_next_page_goes_on_where_this_one_ended_however_the_list_has_moved(client: Client, ada):
    papers = [a_paper(upvotes=number) for number in range(130)]
    first = client.get("/papers/trending")
    seen = titles(first)

    a_paper("A newcomer on top", upvotes=1000)
    papers[0].upvote(ada)
    second = client.get(first.context["page"].next_url)
    third = client.get(second.context["page"].next_url)
    seen += titles(second) + titles(third)

    assert len(seen) == len(set(seen)) == 130
    assert third.context["page"].next_url == ""
    assert titles(client.get(third.context["page"].previous_url))


def test_deep_page_of_trending_is_found_without_reading_what_is_before_it(client: Client):
    papers = Paper.objects.listed().sorted("hot")
    after = papers.colder_than(7000.5, "2503.00001").limited(0, 61)

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # as it is where there are many
        cursor.execute("SET LOCAL enable_sort = off")
    assert "(hotness <=" in after.explain()
    assert "Index Scan using paper_hottest" in after.explain()


def test_nearest_days_are_found_without_sorting_all_papers():
    listed = Paper.objects.listed()
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan"):  # which few rows invite
            cursor.execute(f"SET LOCAL enable_{way} = off")

    for order in (day_counts.NEWEST_FIRST, day_counts.OLDEST_FIRST):
        plan = listed.filter(listed_on__lt=MARCH_14).order_by(order)[:1].explain()
        assert "Sort" not in plan


@pytest.mark.parametrize(
    "after", ["nan 2503.00001", "inf x", "-1e999 x", "1.5", "1.5 ", "x 1", "1 " + "x" * 200]
)
def test_senseless_place_to_go_on_from_is_a_clear_error(client: Client, after):
    a_paper()

    assert client.get("/papers/trending", {"after": after}).status_code == 400


def test_page_numbers_still_work_without_the_place(client: Client):
    for number in range(61):
        a_paper(upvotes=number)

    assert len(titles(client.get("/papers/trending?page=2"))) == 1


def test_least_votes_are_a_link_and_can_be_taken_back(client: Client):
    a_paper("few", upvotes=9)
    a_paper("many", upvotes=10)

    chosen = client.get("/?min_votes=10&sort=new")

    assert titles(chosen) == ["many"]
    assert 'href="/?sort=new" rel="nofollow" aria-label="At least 10 upvotes" aria-current' in (
        chosen.content.decode()
    )


def test_filters_that_leave_nothing_offer_both_ways_back(client: Client):
    PaperTopic.objects.create(paper=a_paper(upvotes=1), topic=a_topic("language"))

    page = client.get("/?topic=language&min_votes=30").content.decode()

    assert 'href="/?topic=language"' in page
    assert 'href="/?min_votes=30"' in page


def test_summary_says_how_many_from_where_and_what_was_picked(client: Client):
    sources = [a_source(name) for name in ("arXiv cs.CL", "arXiv cs.LG", "bioRxiv")]
    a_paper(source=sources[0], featured=True)
    a_paper(source=sources[0])
    a_paper(source=sources[1])
    a_paper(source=sources[2])
    a_paper()

    page = client.get("/").content.decode()

    assert "5 papers · 1 pick · from cs.CL, cs.LG and bioRxiv" in page


def test_row_says_why_it_stands_where_it_stands(client: Client, ada):
    a_paper("Hot", upvotes=8).upvote(ada)
    a_paper("Picked", featured=True)
    a_paper("Placed", position=2)

    page = client.get("/").content.decode()

    assert "1.00 points for 9 upvotes; each newer weekday adds 0.5" in page
    assert "of papers without upvotes the newest comes first" in page
    assert "Curators picked it" in page
    assert "Curators gave it place 2" in page
    assert 'class="why"' not in client.get("/?sort=new").content.decode()


def test_row_tells_who_what_and_where(client: Client):
    a_paper(
        authors=["Zoë <Quill>", "Ben & Marsh", "C", "D", "E", "F", "G"],
        code_url="https://code.example/x",
        project_url="https://project.example",
        submitter_name="Ann",
        featured=True,
        extra={
            "ai_summary": "It counts <b>fast</b>.",
            "organization": {"fullname": "The Lab"},
            "stars": 1234,
            "comments": 2,
            "keywords": ["unread"] * 100,
        },
    )

    page = client.get("/papers/week/2025-W11").content.decode()

    name = "/authors?name=Zo%C3%AB+%3CQuill%3E"
    assert f'<a href="{name}">Zoë &lt;Quill&gt;</a>, <a href="/authors?name=Ben+%26' in page
    assert 'name=E">E</a> and 2 more' in page
    assert "The Lab" in page
    assert "It counts &lt;b&gt;fast&lt;/b&gt;. <span>Machine summary</span>" in page
    assert "We study the number" in page  # the abstract, to be opened
    assert "1,234<span" in page
    assert "2 comments" in page
    assert "Submitted by Ann" in page
    assert "Editors’ pick" in page
    assert "unread" not in page


@pytest.mark.parametrize("extra", [{}, {"ai_summary": "long " * 100, "stars": "x", "comments": -1}])
def test_row_without_a_sentence_shows_its_abstract(client: Client, extra):
    a_paper(extra=extra, code_url="https://code.example/x")

    page = client.get("/").content.decode()

    assert "Machine summary" not in page
    assert "★" not in page
    assert " comment" not in page
    assert "We study the number" in page


@pytest.mark.parametrize(
    ("fields", "date"),
    [
        ({}, "Fri 14 Mar 2025"),
        ({"listed_on": None, "submitted_at": NOON}, "14 Mar 2025"),
        ({"listed_on": None, "key": "0704.0001"}, "Apr 2007"),
    ],
)
def test_row_off_the_page_of_its_day_says_when(client: Client, fields, date):
    upsert([an_entry(title="Its date", authors=["Ada Quill"])], now=NOON)
    fields = {"listed_on": MARCH_14, "submitted_at": None, "announced_on": None} | fields
    Paper.objects.update(**fields)

    assert date in client.get("/authors?name=Ada+Quill").content.decode()


# --- Since the last visit ---


def test_visit_ends_after_half_an_hour_of_silence(ada):
    for minutes in (0, 10, 20, 49, 100, 104):
        ada.visit(NOON + timedelta(minutes=minutes))
    ada.refresh_from_db()

    assert ada.visited_at == NOON + timedelta(minutes=100)
    assert ada.previous_visit_at == NOON + timedelta(minutes=49)


def test_reader_sees_what_came_since_their_last_visit(client: Client, ada):
    now = timezone.now()
    today = timezone.localdate()
    a_paper("Seen", listed_on=today - timedelta(days=1), listed_at=now - timedelta(days=1))
    a_paper("New", listed_on=today, listed_at=now)
    ada.visited_at = now - timedelta(hours=10)
    ada.save()
    client.force_login(ada)

    response = client.get("/papers/trending")

    assert {paper.title: paper.is_new for paper in response.context["page"].object_list} == {
        "Seen": False,
        "New": now > timezone.make_aware(datetime.combine(today, time.min)),
    }
    assert response.content.decode().count("data-new") == 1


def test_reader_narrows_a_list_to_what_came_since_their_last_visit(client: Client, ada):
    now = timezone.now().replace(hour=12)
    for title, days, hours in [("Older", 2, 0), ("Seen", 1, 1), ("New", 1, 9), ("Newest", 0, 0)]:
        day = timezone.localdate(now) - timedelta(days=days)
        listed_at = now - timedelta(days=days) + timedelta(hours=hours)
        a_paper(title, upvotes=9 - days, listed_on=day, listed_at=listed_at)
    a_paper("Imported", listed_on=timezone.localdate(now) - timedelta(days=1), listed_at=now)
    ada.visited_at = timezone.now()
    ada.previous_visit_at = now - timedelta(hours=20)
    ada.save()
    client.force_login(ada)

    whole, narrowed = (client.get(f"/papers/trending{query}") for query in ("", "?since=visit"))

    assert "2 new since your last visit" in whole.content.decode()
    assert 'href="/papers/trending?since=visit"' in whole.content.decode()
    assert titles(narrowed) == ["Newest", "New"]
    assert 'href="/papers/trending">Show all papers' in narrowed.content.decode()
    shown_at = {paper.title: paper.shown_at for paper in Paper.objects.all()}
    assert {title for title in shown_at if shown_at[title] > ada.previous_visit_at} == {
        "Newest",
        "New",
    }
    Paper.objects.filter(title__startswith="New").delete()
    nothing = client.get("/papers/trending?since=visit").content.decode()
    assert "Nothing new since your last visit" in nothing


def test_paper_on_no_page_is_new_by_its_submission():
    a_paper("Before", listed_on=None, submitted_at=NOON - timedelta(hours=1))
    a_paper("After", listed_on=None, submitted_at=NOON + timedelta(hours=1))

    assert [paper.title for paper in Paper.objects.shown_after(NOON)] == ["After"]


def test_list_since_the_last_visit_is_the_same_for_all_who_are_not_signed_in(client: Client):
    a_paper("One", upvotes=9, listed_on=MARCH_13)
    a_paper("Two", upvotes=1)

    response = client.get("/papers/week/2025-W11?since=visit")

    assert titles(response) == ["Two", "One"]  # all of them, the newest first
    assert "public" in response["Cache-Control"]
    assert client.get("/?since=yesterday").status_code == 400


def test_anonymous_page_tells_browsers_when_each_paper_came(client: Client):
    a_paper(listed_at=NOON)

    page = client.get("/").content.decode()

    assert f'data-at="{NOON.timestamp():.0f}"' in page
    assert "data-new" not in page


@pytest.mark.parametrize(("papers", "heading"), [(2, "Topics"), (3, "Topics of the first 2")])
def test_heading_says_where_not_all_papers_are_counted(
    client: Client, monkeypatch: pytest.MonkeyPatch, papers: int, heading: str
):
    monkeypatch.setattr(pagination, "PAGE_SIZE", 1)
    monkeypatch.setattr(list_page, "MAX_COUNTED", 2)
    topic = a_topic()
    for _ in range(papers):
        a_paper().topics.add(topic)

    assert f"<h2>{heading}</h2>" in client.get("/papers/trending").text


def test_topics_page_counts_the_last_thirty_days(client: Client):
    topic = a_topic("language")
    PaperTopic.objects.create(paper=a_paper(listed_on=timezone.localdate()), topic=topic)
    PaperTopic.objects.create(paper=a_paper(), topic=topic)

    assert client.get("/topics").context["topics"][0].count == 1


def test_unknown_topic_is_a_404(client: Client):
    assert client.get("/topics/unheard-of").status_code == 404


@pytest.mark.parametrize(
    "address", ["/", "/papers/date/2025-03-14", "/papers/trending", "/topics", "/papers/2503.99999"]
)
def test_anonymous_page_sets_no_cookie_and_holds_no_token(client: Client, address):
    a_paper(key="2503.99999")

    response = client.get(address)

    assert response.status_code == 200
    assert not response.cookies
    assert "csrfmiddlewaretoken" not in response.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_lists_are_for_reading(client: Client, method):
    assert getattr(client, method)("/papers/trending").status_code == 405


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/papers/date/2025-03-14",
        "/papers/week/2025-W11?topic=language",
        "/papers/month/2025-03?min_votes=1&sort=upvotes",
        "/papers/trending",
        "/topics/language",
    ],
)
def test_signed_in_list_asks_eight_questions_however_long_it_is(
    client: Client, ada, django_assert_max_num_queries: DjangoAssertNumQueries, address
):
    topic = a_topic("language")
    for number in range(50):
        paper = a_paper("On $\\alpha$", upvotes=number + 1)
        PaperTopic.objects.create(paper=paper, topic=topic)
    paper.upvote(ada)
    ada.visit(timezone.now())
    client.force_login(ada)

    with django_assert_max_num_queries(8):
        response = client.get(address)

    assert len(titles(response)) == 50
    assert response.content.decode().count('aria-pressed="true"') == 1


def test_no_page_ends_in_a_slash(client: Client):
    response = client.get("/papers/trending/?sort=new")

    assert (response.status_code, response["Location"]) == (301, "/papers/trending?sort=new")


@pytest.mark.parametrize("path", ["//evil.example/", "///evil.example//", "/\\evil.example/"])
def test_slash_redirect_leads_nowhere_else(client: Client, path):
    response = client.get("/", PATH_INFO=path)

    assert response.status_code == 301
    assert response["Location"].startswith("/")
    assert not response["Location"].startswith(("//", "/\\"))


def test_post_with_a_slash_at_the_end_is_no_address(client: Client):
    assert client.post("/papers/trending/").status_code == 404


def test_sample_papers_are_marked(client: Client):
    from papers.ingest import samples

    samples.load()

    page = client.get("/").content.decode()

    assert "sample" in page.lower()
    assert Paper.objects.filter(is_sample=True).count() == 62


def test_samples_are_loaded_once_and_removed_whole():
    from papers.ingest import samples

    a_paper("Real")
    samples.load()
    samples.load()

    assert samples.remove() == 62

    assert [paper.title for paper in Paper.objects.all()] == ["Real"]
