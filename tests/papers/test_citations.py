"""Citations: what BibTeX and reference managers read is what the paper says."""

import gzip
import json
import re
from datetime import date

import pytest

from papers import citations, text
from papers.citations import Work
from tests.hostile import HOSTILE

PREPRINT = Work(
    title="Sorry for $O(n)$ & the Confusion: 50% of GPT_2",
    abstract="We apologise.\n\nTwice.",
    authors=("Maren Østvik", "Ilse van der Plaat", "GLM-4.5 Team", "Ada Quill Jr."),
    published_on=date(2025, 3, 14),
    year=2025,
    arxiv_id="2503.00001",
    primary_category="cs.CL",
    url="https://arxiv.org/abs/2503.00001",
)


def test_preprint_is_a_misc_with_the_archives_number():
    kind, label, fields = read(citations.bibtex(PREPRINT))

    assert (kind, label) == ("misc", "ostvik2025sorry")
    assert fields["eprint"] == "2503.00001"
    assert fields["archivePrefix"] == "arXiv"
    assert fields["primaryClass"] == "cs.CL"
    assert (fields["year"], fields["month"]) == ("2025", "mar")
    assert "journal" not in fields


def test_published_paper_is_an_article_and_keeps_its_archives_number():
    work = Work(
        title="On q",
        journal="Phys. Rev. D 59, 100 (1999)",
        doi="10.1103/q",
        arxiv_id="hep-th/9901001",
    )

    kind, _, fields = read(citations.bibtex(work))

    assert kind == "article"
    assert fields["journal"] == "Phys. Rev. D 59, 100 (1999)"
    assert fields["doi"] == "10.1103/q"
    assert fields["eprint"] == "hep-th/9901001"


def test_formulas_stay_and_signs_are_escaped():
    title = read(citations.bibtex(PREPRINT))[2]["title"]

    assert title == "{Sorry for $O(n)$ {\\&} the Confusion: 50{\\%} of GPT{\\_}2}"


def test_names_are_as_many_as_there_were_and_groups_stay_whole():
    authors = read(citations.bibtex(PREPRINT))[2]["author"]

    assert authors.split(" and ") == [
        "Maren {\\O}stvik",
        "Ilse van der Plaat",
        "{GLM-4.5 Team}",
        "Quill, Jr., Ada",
    ]


@pytest.mark.parametrize(
    "tex", ["$\\input{/etc/passwd}$", "\\write18{rm}", "$\\def\\x{\\x\\x}\\x$", "$^^5cinput x$"]
)
def test_only_tame_tex_is_handed_on(tex):
    written = text.tex(f"On {tex}")

    assert not re.search(r"\\(?:input|write|def|x)|\^\^", written)


def test_ris_has_a_value_on_each_line_and_family_names_first():
    lines = citations.ris(PREPRINT).split("\r\n")

    assert lines[0] == "TY  - UNPB"
    assert "AU  - Østvik, Maren" in lines
    assert "AU  - van der Plaat, Ilse" in lines
    assert "AU  - Quill, Ada, Jr." in lines
    assert "DA  - 2025/03/14" in lines
    assert "AN  - arXiv:2503.00001" in lines
    assert "AB  - We apologise. Twice." in lines
    assert lines[-2:] == ["ER  - ", ""]


def test_other_scripts_stay_as_they_are_written():
    work = Work(
        title="Проба: τ-leaping, 试验 of كتاب and Gödel",
        authors=("Иван Пробин", "Ελένη Δοκιμίδου", "李 明", "김 철수", "山田太郎", "Đặng Thử"),
    )

    fields = read(citations.bibtex(work))[2]
    ris = citations.ris(work)

    assert fields["title"] == '{Проба: {\\ensuremath{\\tau}}-leaping, 试验 of كتاب and G{\\"o}del}'
    assert fields["author"].split(" and ") == [
        "Иван Пробин",
        "Ελένη Δοκιμίδου",
        "李, 明",
        "김, 철수",
        "{山田太郎}",
        "{\\DJ}ặng Thử",
    ]
    assert [line[6:] for line in ris.split("\r\n") if line.startswith("AU")] == [
        "Пробин, Иван",
        "Δοκιμίδου, Ελένη",
        "李, 明",
        "김, 철수",
        "山田太郎",
        "Thử, Đặng",
    ]


def test_scripts_and_formulas_in_unicode_are_tex():
    title = "H_2O, x_{ij}, $β^{-1}$ and $\\text{if $n$}$ in $\\textcolor{red}{x}$"

    written = read(citations.bibtex(Work(title=title)))[2]["title"]

    assert written == (
        "{H$_{2}$O, x$_{ij}$, ${\\ensuremath{\\beta}}^{-1}$ and ${\\text{if }n}$ in ${x}$}"
    )


def test_line_names_at_most_ten():
    many = Work(title="On q?", authors=tuple(f"A. Quill{n}" for n in range(11)), year=2025)

    assert citations.line(many) == "A. Quill0 et al. On q? 2025."


def test_year_is_not_said_twice():
    work = Work(title="On q", authors=("Ada Quill", "Ben Marsh"), year=1999, journal="J. Q (1999)")

    assert citations.line(work) == "Ada Quill and Ben Marsh. On q. J. Q (1999)."


@pytest.mark.parametrize(
    ("name", "family", "given"),
    [
        ("Plato", "Plato", ""),
        ("Ludwig van Beethoven", "van Beethoven", "Ludwig"),
        ("The ATLAS Collaboration", "The ATLAS Collaboration", ""),
        ("Smith and Sons", "Smith and Sons", ""),
        ("de Quill", "Quill", "de"),
        ("", "", ""),
    ],
)
def test_family_name_is_the_last_with_its_particles(name, family, given):
    assert citations.name_parts(name)[:2] == (family, given)


@pytest.mark.parametrize("words", HOSTILE)
def test_nothing_breaks_out_of_an_entry(words):
    work = Work(
        title=words, abstract=words, authors=(words,), journal=words, doi=words, url=words,
        keywords=(words,), arxiv_id=words, primary_category=words, year=2025,
    )  # fmt: skip

    _, label, fields = read(citations.bibtex(work))
    ris = citations.ris(work)

    assert re.fullmatch("[a-z0-9]+", label)
    assert len(fields["author"].split(" and ")) == 1 or fields["author"].startswith("{")
    assert all(re.match("[A-Z][A-Z0-9]  - ", line) for line in ris.split("\r\n")[:-1])
    assert "\n" not in ris.replace("\r\n", "")
    assert ris.count("TY  - ") == ris.count("ER  - ") == 1 or "TY  - " in words


@pytest.mark.long
def test_every_real_paper_is_one_entry(shared_data):
    with gzip.open(shared_data / "arxiv_native_tex.jsonl.gz", "rt") as lines:
        papers = [json.loads(line) for line in lines]

    for paper in papers:
        work = Work(title=paper["title"], authors=(paper["authors"],), year=2010)
        assert read(citations.bibtex(work))[0] == "misc"


def read(bibtex: str) -> tuple[str, str, dict[str, str]]:
    """As BibTeX reads an entry: by its braces, which have to come in pairs."""
    head = re.match(r"@(\w+)\{([^,]*),\n", bibtex)
    assert head, bibtex
    fields: dict[str, str] = {}
    at = head.end()
    while name := re.compile(r"  (\w+) = (?=(\{)|(\w+),\n)").match(bibtex, at):
        end = closing(bibtex, name.end()) if name[2] else name.end(3)
        fields[name[1]] = bibtex[name.end() + 1 : end] if name[2] else name[3]
        at = end + (3 if name[2] else 2)
        assert bibtex[at - 2 : at] == ",\n", bibtex
    assert bibtex[at:] == "}\n", bibtex
    return head[1], head[2], fields


def closing(bibtex: str, opening: int) -> int:
    depth = 0
    for at in range(opening, len(bibtex)):
        # BibTeX counts every brace, one behind a backslash too.
        depth += (bibtex[at] == "{") - (bibtex[at] == "}")
        if depth == 0:
            return at
    raise AssertionError(f"a brace is open: {bibtex}")
