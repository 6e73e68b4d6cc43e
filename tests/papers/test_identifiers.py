"""Every spelling of an identifier finds the same paper, and nothing else does."""

import gzip
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers import identifiers

HOSTILE = [
    "a." * 30_000,
    "https://" + "arxiv." * 10_000,
    "arxiv:" * 10_000,
    "2502.03793" + " " * 60_000,
    "10.1000/" + ")" * 60_000,
    "https://doi.org/10.1000/" + "%" * 60_000,
    "https://openreview.net/forum?" + "&id=" * 15_000,
    "e" + "\u0301\u0323" * 30_000,
    "\ud800" * 100,
]


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("2502.03793", ("2502.03793", None)),
        ("  2502.03793v2\n", ("2502.03793", 2)),
        ("arXiv:2502.03793", ("2502.03793", None)),
        ("ARXIV: 2502.03793v12", ("2502.03793", 12)),
        ("arXiv:2502.03793v1 [cs.CL]", ("2502.03793", 1)),
        ("oai:arXiv.org:2203.01250v3", ("2203.01250", 3)),
        ("oai:arXiv.org:hep-th/9901001", ("hep-th/9901001", None)),
        ("http://arxiv.org/abs/2502.03793v1", ("2502.03793", 1)),
        ("https://www.arxiv.org/abs/2502.03793", ("2502.03793", None)),
        ("https://export.arxiv.org/abs/2502.03793", ("2502.03793", None)),
        ("arxiv.org/abs/2502.03793/", ("2502.03793", None)),
        ("https://arxiv.org/pdf/2502.03793", ("2502.03793", None)),
        ("https://arxiv.org/pdf/2502.03793v2.pdf", ("2502.03793", 2)),
        ("https://arxiv.org/html/2502.03793v1#S1", ("2502.03793", 1)),
        ("https://arxiv.org/abs/2502.03793?context=cs", ("2502.03793", None)),
        ("https://arxiv.org/e-print/hep-th/9901001", ("hep-th/9901001", None)),
        ("https://arxiv.org/abs/hep-th%2F9901001v2", ("hep-th/9901001", 2)),
        ("https://ar5iv.labs.arxiv.org/html/2502.03793", ("2502.03793", None)),
        ("https://www.alphaxiv.org/abs/2502.03793v1", ("2502.03793", 1)),
        ("https://huggingface.co/papers/2502.03793", ("2502.03793", None)),
        ("https://hf.co/papers/2502.03793.md", ("2502.03793", None)),
        ("10.48550/arXiv.2502.03793", ("2502.03793", None)),
        ("10.48550/ARXIV.2502.03793", ("2502.03793", None)),
        ("https://doi.org/10.48550/arXiv.hep-th/9901001", ("hep-th/9901001", None)),
        ("hep-th/9901001v10", ("hep-th/9901001", 10)),
        ("math.GT/0309136", ("math/0309136", None)),
        ("cond-mat.stat-mech/0309136", None),
        ("q-bio/0703001", ("q-bio/0703001", None)),
        ("0704.0001", ("0704.0001", None)),
        ("1412.9999", ("1412.9999", None)),
        ("1501.00001", ("1501.00001", None)),
        ("", None),
        ("2502", None),
        ("2502.0379", None),  # four digits ended with 2014
        ("1412.00001", None),
        ("0703.0001", None),
        ("2513.00001", None),
        ("2500.00001", None),
        ("9912.00001", None),
        ("2502.00000", None),
        ("2502.037933", None),
        ("2502.03793v0", None),
        ("2502.03793v", None),
        ("2502.03793 and more", None),
        ("see 2502.03793", None),
        ("٢٥٠٢.٠٣٧٩٣", None),
        ("hep-th/9901", None),
        ("hep-th/0704001", None),  # the old form ended in March 2007
        ("hep-th/9000001", None),
        ("foo/9901001", None),
        ("https://notarxiv.org/abs/2502.03793", None),
        ("https://arxiv.org.example.com/abs/2502.03793", None),
        ("https://example.com/2502.03793", None),
        ("10.1101/2502.03793", None),
    ],
)
def test_arxiv_id_is_read_from_every_spelling(
    spelling: str, expected: tuple[str, int | None] | None
) -> None:
    assert identifiers.arxiv_id(spelling) == expected


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("10.1101/2024.01.01.123", "10.1101/2024.01.01.123"),
        ("https://doi.org/10.1101/2024.01.01.123", "10.1101/2024.01.01.123"),
        ("http://dx.doi.org/10.1063/1.2779138", "10.1063/1.2779138"),
        ("doi:10.1063/1.2779138.", "10.1063/1.2779138"),
        ("DOI: 10.1063/1.2779138", "10.1063/1.2779138"),
        ("info:doi/10.1063/1.2779138", "10.1063/1.2779138"),
        (" 10.1016/S0140-6736(20)30183-5 ", "10.1016/s0140-6736(20)30183-5"),
        ("10.1016/S0140-6736(20)30183-5).", "10.1016/s0140-6736(20)30183-5"),
        ("https://doi.org/10.1038%2Fs41586-021-03819-2", "10.1038/s41586-021-03819-2"),
        ("https://doi.org/10.1000/182?utm_source=x#top", "10.1000/182"),
        ("10.1000.10/123456", "10.1000.10/123456"),
        (
            "10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2",
            "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2",
        ),
        ("", None),
        ("10.1101", None),
        ("10.1101/", None),
        ("10.1101/...", None),
        ("10.11/x", None),
        ("11.1101/x", None),
        ("10.1101/a b", None),
        ("10.1101/a%00b", None),
        ("https://example.com/10.1101/x", None),
        ("10.1101/" + "x" * 600, None),
        ("10.48550/arXiv.2502.03793", None),
        ("https://doi.org/10.48550/ARXIV.2502.03793", None),
    ],
)
def test_doi_is_read_from_every_spelling(spelling: str, expected: str | None) -> None:
    assert identifiers.doi(spelling) == expected


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("https://openreview.net/forum?id=rygGQyrFvH", "rygGQyrFvH"),
        ("http://www.openreview.net/pdf?id=ryg_-yrFvH", "ryg_-yrFvH"),
        ("https://openreview.net/forum?noteId=abc&id=rygGQyrFvH&x=1#top", "rygGQyrFvH"),
        ("https://openreview.net/group?id=ICLR.cc/2025", None),
        ("https://openreview.net/forum?noteId=rygGQyrFvH", None),
        ("https://example.com/forum?id=rygGQyrFvH", None),
        ("rygGQyrFvH", None),
    ],
)
def test_openreview_id_is_read_from_addresses(spelling: str, expected: str | None) -> None:
    assert identifiers.openreview_id(spelling) == expected


def test_aliases_stand_in_the_order_of_trust() -> None:
    aliases = identifiers.aliases(
        doi="https://doi.org/10.1000/ABC",
        arxiv_id="2502.03793v3",
        identifiers=[("pubmed", "123"), ("link", "https://openreview.net/forum?id=rygGQyrFvH")],
        link="https://example.com/x",
        title="A title",
    )

    assert aliases == [
        ("arxiv", "2502.03793"),
        ("doi", "10.1000/abc"),
        ("openreview", "rygGQyrFvH"),
        ("pubmed", "123"),
    ]


def test_doi_of_arxiv_and_a_link_to_arxiv_are_the_arxiv_id() -> None:
    assert identifiers.aliases(
        doi="10.48550/arXiv.2502.03793", link="https://arxiv.org/abs/2502.03793v2"
    ) == [("arxiv", "2502.03793")]


def test_bare_number_of_another_scheme_is_no_arxiv_id() -> None:
    assert identifiers.aliases(identifiers=[("guid", "2012.12345")]) == [("guid", "2012.12345")]


def test_link_counts_only_where_there_is_no_identifier() -> None:
    both = [
        identifiers.aliases(link="http://Example.com/a/b/", title="A title"),
        identifiers.aliases(link="https://example.com/a/b", title="Another title"),
    ]

    assert both == [[("link", "https://example.com/a/b")]] * 2


def test_fragment_belongs_to_the_link() -> None:
    assert identifiers.aliases(link="https://example.com/accepted/#paper2") == [
        ("link", "https://example.com/accepted#paper2")
    ]


def test_words_count_only_where_there_is_no_link() -> None:
    first, second, other = (
        identifiers.aliases(title=title, abstract="An abstract.", link="javascript:x")
        for title in ("A  Title: of Erdős", "a title of erdos", "a title of Gauss")
    )

    assert first == second != other
    assert re.fullmatch("[0-9a-f]{64}", first[0][1])
    assert first[0][0] == "hash"


def test_paper_without_anything_has_no_alias() -> None:
    assert identifiers.aliases(title=" ", abstract="\n") == []


@pytest.mark.slow
@given(
    st.text(),
    st.text(),
    st.lists(st.tuples(st.sampled_from(["guid", "doi"]), st.text())),
    st.text(),
)
def test_aliases_fit_a_database(
    arxiv: str, link: str, further: list[tuple[str, str]], title: str
) -> None:
    long = [(scheme, value * 100) for scheme, value in further]

    aliases = identifiers.aliases(arxiv_id=arxiv, link=link, identifiers=long, title=title)

    assert all(0 < len(value) <= 500 and value.isprintable() for _, value in aliases)
    assert len(set(aliases)) == len(aliases)


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("2502.03793", (2025, 2)),
        ("0704.0001", (2007, 4)),
        ("hep-th/9901001", (1999, 1)),
        ("math/0309136", (2003, 9)),
        ("p12345678", None),
    ],
)
def test_arxiv_id_states_its_month(identifier: str, expected: tuple[int, int] | None) -> None:
    assert identifiers.published_month(identifier) == expected


def test_random_keys_are_keys_and_differ() -> None:
    keys = {identifiers.random_key() for _ in range(1000)}

    assert len(keys) == 1000
    assert all(identifiers.is_key(key) and not identifiers.arxiv_id(key) for key in keys)


@pytest.mark.parametrize(
    "text", ["", "p1234567", "p123456789", "P12345678", "p1234567É", "p1234567\n"]
)
def test_other_text_is_no_key(text: str) -> None:
    assert not identifiers.is_key(text)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Ada Lovelace", "ada lovelace"),
        ("  ADA\tLovelace ", "ada lovelace"),
        ("Erwin Schrödinger", "erwin schrodinger"),
        ("Erwin Schro\u0308dinger", "erwin schrodinger"),
        ("Nguyễn Văn A.", "nguyen van a"),
        ("Juan-Manuel Pérez-Rúa", "juan manuel perez rua"),
        ("Miles O'Brien", "miles o brien"),
        ("Łukasz Białecki", "lukasz bialecki"),
        ("Anne Saß", "anne sass"),
        ("İnci Işık", "inci isik"),
        ("王小明", "王小明"),
        ("GLM-4. 5 Team", "glm 4 5 team"),
        ("...", ""),
    ],
)
def test_name_is_folded_for_exact_search(name: str, folded: str) -> None:
    assert identifiers.fold_name(name) == folded


@given(st.text())
def test_nothing_raises_and_folding_twice_is_folding_once(text: str) -> None:
    folded = identifiers.fold_name(text)

    identifiers.recognise(text)
    assert identifiers.fold_name(folded) == folded


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_takes_no_time(text: str) -> None:
    started = time.perf_counter()

    identifiers.recognise(text)
    identifiers.published_month(text)
    identifiers.fold_name(text)
    identifiers.aliases(arxiv_id=text, doi=text, identifiers=[("doi", text)], link=text, title=text)

    assert time.perf_counter() - started < 5  # seconds: a blow-up would take minutes


@pytest.mark.long
def test_every_id_of_the_real_data_is_its_own_canonical_form(shared_data: Path) -> None:
    strange = [
        record["arxiv_id"]
        for record in records(shared_data)
        if record.get("arxiv_id")
        and identifiers.arxiv_id(record["arxiv_id"]) != (record["arxiv_id"], None)
    ]

    assert strange == []


@pytest.mark.long
def test_nearly_every_doi_of_the_real_data_is_read(shared_data: Path) -> None:
    dois = [doi for record in records(shared_data) if (doi := record.get("doi"))]

    unread = [doi for doi in dois if not identifiers.doi(doi)]

    assert len(dois) > 1000
    assert len(unread) <= len(dois) * 0.01, unread


def records(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.jsonl*")):
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)
