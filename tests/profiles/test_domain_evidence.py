"""Whether the domain of an address fits what an author's papers name."""

import pytest

from profiles.domain_evidence import describe, fits


@pytest.mark.parametrize(
    "domain, name, is_fit",
    [
        ("nvidia.com", "NVIDIA", True),
        ("research.nvidia.com", "nvidia.com", True),
        ("nvidia.com", "research.nvidia.com", True),
        ("nvidia.com", "notnvidia.com", False),
        ("bytedance.com", "ByteDance-Seed", True),
        ("cmu.edu", "Carnegie Mellon University", False),
        ("uni-moss.example", "Uni Moss", False),
        ("Moss.example", "Université Möss", True),
        ("ai.example", "AI Institute", False),
        ("gmail.com", "Com", False),
    ],
)
def test_a_host_or_a_word_of_the_organization_fits(domain: str, name: str, is_fit: bool) -> None:
    assert fits(domain, name) is is_fit


def test_it_is_said_plainly_with_what_the_papers_name() -> None:
    papers = [{"JKU Linz", "ml.jku.example"}, {"JKU Linz"}, {"NVIDIA"}, set()]
    assert (
        describe("jku.example", papers)
        == "jku.example: fits 2 of 4 papers (JKU Linz, ml.jku.example)."
    )
    assert describe("moss.example", papers[2:]) == (
        "moss.example: not seen with this author. Their 2 papers name: NVIDIA."
    )
    assert describe("moss.example", [set()]) == (
        "moss.example: not seen with this author. Their 1 paper names no organization or page."
    )
