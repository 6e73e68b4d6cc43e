"""arXiv's codes have names, and other classifications are told apart from them."""

import pytest

from papers import categories


def test_arxiv_has_155_active_and_21_retired_codes() -> None:
    assert len(categories.CATEGORIES) == 155
    assert len(categories.RETIRED) == 21
    assert not categories.CATEGORIES.keys() & categories.RETIRED.keys()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("cs.CL", "Computation and Language"),
        ("cs.CV", "Computer Vision and Pattern Recognition"),
        ("hep-th", "High Energy Physics - Theory"),
        ("math.IT", "Information Theory"),
        ("physics.ao-ph", "Atmospheric and Oceanic Physics"),
        ("cmp-lg", "Computation and Language"),
        ("astro-ph", "Astrophysics"),
        ("I.2.7", "I.2.7"),
        ("cs.XX", "cs.XX"),
        ("", ""),
    ],
)
def test_name_of_a_code_or_else_the_code(code: str, name: str) -> None:
    assert categories.name(code) == name


@pytest.mark.parametrize(
    "code",
    [
        *("cs.LG", "cs.NA", "eess.SY", "math-ph", "quant-ph", "astro-ph.GA", "cond-mat.str-el"),
        *("astro-ph", "cond-mat", "q-bio", "cmp-lg", "alg-geom", "acc-phys", "solv-int", "dg-ga"),
    ],
)
def test_active_and_retired_codes_are_arxivs(code: str) -> None:
    assert categories.is_arxiv(code)


@pytest.mark.parametrize(
    "code",
    [
        *("I.2.7", "F.2.2; I.2.7", "68T50", "68T07, 68T50", "05C55 (Primary)", "E.3", "cs.lg"),
        *("CS.LG", "math", "cs", "cs.", " cs.LG", "cs.LG+cs.CV", ""),
    ],
)
def test_acm_and_msc_classes_and_misspellings_are_not(code: str) -> None:
    assert not categories.is_arxiv(code)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("cs.cl", "cs.CL"), ("csCL", "cs.CL"), ("hep-ht", "hep-th"), ("Robotic", "cs.RO"), ("42", "")],
)
def test_proposal_for_an_unknown_code(typed: str, meant: str) -> None:
    assert categories.proposal(typed, categories.CATEGORIES) == meant
