"""An id or a DOI is found however it is pasted, and words around it are a search."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers import pasted_ids
from tests.hostile import HOSTILE

ARXIV = ("arxiv", "2511.20001")
PROBES = ("doi", "10.1101/2025.11.01.600001")


@pytest.mark.parametrize(
    "text",
    [
        "2511.20001",
        "arXiv:2511.20001v1 [hep-ex] 19 Nov 2025",
        "arXiv:2511.20001v1  [hep-ex]  19 Nov 2025",
        "[2511.20001]",
        "(2511.20001v2)",
        "{2511.20001}",
        "<2511.20001>",
        "【2511.20001】",
        "2511.20001.",
        "2511.20001,",
        "2511.20001;",
        '"2511.20001"',
        "“2511.20001”",
        "«2511.20001»",
        "'2511.20001'",
        "`2511.20001`",
        "[2511.20001] Search for probes",
        "[2511.20001v3] A very long title of a paper, as its page at arXiv has in its head",
        "arXiv 2511.20001",
        "arxiv2511.20001",
        "arXiv.2511.20001",
        "arxiv.org/2511.20001",
        "arXiv: 2511.20001v1 (2025)",
        "arXiv preprint arXiv:2511.20001 (2025)",
        "Quill et al., arXiv:2511.20001 [hep-ex]",
        "eprint = {2511.20001},",
        "eprint={2511.20001}, archivePrefix={arXiv}, primaryClass={hep-ex}",
        "10.48550/arXiv.2511.20001",
        "doi: 10.48550/arXiv.2511.20001.",
        "https://doi.org/10.48550/arXiv.2511.20001)",
        "２５１１．２０００１",
        "ａｒＸｉｖ：２５１１．２０００１",
        "2511。20001",
        "2511.\u200b20001",
        "\ufeff2511.20001\u200b",
        "2511.\u00ad20001",
        "\u202a2511.20001\u202c",
        "2511.20001\u00a0",
        "2511.20001v1.pdf",
        "https://arxiv.org/abs/arXiv:2511.20001",
        "https://arxiv.org/abs/2511.20001)",
        "<https://arxiv.org/abs/2511.20001>",
        "[probes](https://arxiv.org/abs/2511.20001)",
        "https://arxiv.org/pdf/2511.20001v2.pdf#page=3",
        "https://scirate.com/arxiv/2511.20001",
        "https://papers.cool/arxiv/2511.20001",
        "https://www.semanticscholar.org/arxiv/2511.20001",
        "https://api.semanticscholar.org/arXiv:2511.20001",
        "https://ui.adsabs.harvard.edu/abs/arXiv:2511.20001",
        "https://ui.adsabs.harvard.edu/abs/2025arXiv251120001Q/abstract",
        "https://web.archive.org/web/2025/https://arxiv.org/abs/2511.20001",
        "https://web.archive.org/web/20251119000000/https://arxiv.org/abs/2511.20001v1",
        "https://huggingface.co/papers/2511.20001",
        "https://www.alphaxiv.org/overview/2511.20001v1",
        "https://inspirehep.net/api/arxiv/2511.20001",
        "https://www.emergentmind.com/papers/2511.20001",
        "https://arxiv-sanity-lite.com/?rank=pid&pid=2511.20001",
        "https://translate.example/?u=https%3A%2F%2Farxiv.org%2Fabs%2F2511.20001",
        "论文2511.20001",
    ],
)
def test_arxiv_id_is_found_however_it_is_pasted(text: str) -> None:
    assert pasted_ids.read(text) == pasted_ids.Pasted((ARXIV,), True)


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1101/2025.11.01.600001", PROBES[1]),
        ("https://www.biorxiv.org/content/10.1101/2025.11.01.600001v2", PROBES[1]),
        ("https://www.biorxiv.org/content/10.1101/2025.11.01.600001v1.full.pdf", PROBES[1]),
        ("https://www.biorxiv.org/content/10.1101/2025.11.01.600001v1.full.pdf+html", PROBES[1]),
        ("https://www.medrxiv.org/content/10.1101/2025.11.01.600001v1.full-text", PROBES[1]),
        ("https://doi.org/10.1101/2025.11.01.600001v2", PROBES[1]),
        ("doi: https://doi.org/10.1101/2025.11.01.600001", PROBES[1]),
        ("(doi:10.1101/2025.11.01.600001).", PROBES[1]),
        ("doi = {10.1101/2025.11.01.600001},", PROBES[1]),
        (
            "https://link.springer.com/article/10.1007/s00000-025-00001-1",
            "10.1007/s00000-025-00001-1",
        ),
        (
            "https://link.springer.com/content/pdf/10.1007/s00000-025-00001-1.pdf",
            "10.1007/s00000-025-00001-1",
        ),
        ("https://dl.acm.org/doi/pdf/10.1145/3000000.3000001", "10.1145/3000000.3000001"),
        ("https://dl.acm.org/doi/10.1145/3000000.3000001?cid=8", "10.1145/3000000.3000001"),
        ("https://onlinelibrary.wiley.com/doi/full/10.1002/moss.1", "10.1002/moss.1"),
        ("https://www.tandfonline.com/doi/full/10.1080/0.2025.1#abstract", "10.1080/0.2025.1"),
        ("https://www.science.org/doi/10.1126/science.moss1", "10.1126/science.moss1"),
        ("https://www.pnas.org/doi/abs/10.1073/pnas.1", "10.1073/pnas.1"),
        (
            "https://journals.aps.org/prl/abstract/10.1103/PhysRevLett.1.1",
            "10.1103/physrevlett.1.1",
        ),
        ("https://iopscience.iop.org/article/10.1088/1-2/ab1/meta", "10.1088/1-2/ab1"),
        ("https://iopscience.iop.org/article/10.1088/1-2/ab1/pdf", "10.1088/1-2/ab1"),
        (
            "https://journals.plos.org/plosone/article?id=10.1371/journal.pone.1&type=printable",
            "10.1371/journal.pone.1",
        ),
        ("https://www.frontiersin.org/articles/10.3389/fmoss.1/full", "10.3389/fmoss.1"),
        ("https://www.nature.com/articles/s41586-021-00000-1", "10.1038/s41586-021-00000-1"),
        ("https://www.nature.com/articles/s41586-021-00000-1.pdf", "10.1038/s41586-021-00000-1"),
        ("https://aclanthology.org/2023.acl-long.1/", "10.18653/v1/2023.acl-long.1"),
        ("https://elifesciences.org/articles/90001", "10.7554/elife.90001"),
        ("https://zenodo.org/records/1234567", "10.5281/zenodo.1234567"),
        ("https://doi.org/10.1038%2Fs41586-021-00000-1", "10.1038/s41586-021-00000-1"),
        ("１０．１００７／s00000-025-00001-1", "10.1007/s00000-025-00001-1"),
        ("10.1007/s00000\u2010025\u201100001-1", "10.1007/s00000-025-00001-1"),
    ],
)
def test_doi_is_found_however_it_is_pasted(text: str, doi: str) -> None:
    assert pasted_ids.read(text) == pasted_ids.Pasted((("doi", doi),), True)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("hep-th/9901001v2,", ("arxiv", "hep-th/9901001")),
        ("arXiv:hep\u2010th/9901001 [hep-th]", ("arxiv", "hep-th/9901001")),
        ("https://inspirehep.net/arxiv/math.GT/0309136", ("arxiv", "math/0309136")),
        ("(https://openreview.net/forum?id=rygGQyrFvH)", ("openreview", "rygGQyrFvH")),
    ],
)
def test_older_and_other_ids_are_found_too(text: str, name: tuple[str, str]) -> None:
    assert pasted_ids.read(text) == pasted_ids.Pasted((name,), True)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("2511.20001 2502.03793", (ARXIV, ("arxiv", "2502.03793"))),
        ("what follows from 2511.20001 for the theory of moss and lichen", (ARXIV,)),
        ("Ann Quill, Ben Marsh. Search for probes. 2025. doi:10.1101/2025.11.01.600001", (PROBES,)),
        (
            "@misc{quill, title={Probes of moss}, author={Ann Quill}, eprint={2511.20001}}",
            (ARXIV,),
        ),
    ],
)
def test_several_ids_or_many_words_are_a_search(text: str, names: tuple[tuple[str, str]]) -> None:
    assert pasted_ids.read(text) == pasted_ids.Pasted(names, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "moss",
        "1234.5",
        "3.2511.20001",
        "2511.200011",
        "2511.99",
        "-2511.20001 moss",
        "12/3456789",
    ],
)
def test_other_text_holds_no_id(text: str) -> None:
    assert pasted_ids.read(text).names == ()


@given(st.text() | st.sampled_from(HOSTILE).flatmap(lambda text: st.just(text * 5)))
def test_nothing_raises(text: str) -> None:
    assert len(pasted_ids.read(text + " 10.1/x arXiv:2511.20001").names) <= 5
