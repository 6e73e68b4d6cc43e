"""A BibTeX file or a list of ids: every entry and every line is read or named."""

import pytest

from library import references
from library.references import Reference, TooManyReferences

BIBTEX = r"""
% of the north
@string{j = "Moss"}
@article{quill2025, title = {{On {M}oss}}, eprint={2502.03793}, archivePrefix={arXiv},
  doi = {10.1000/MOSS}, abstract={See arXiv:2501.00001.}}
@misc{fern, title="Fern", howpublished = {\url{https://arxiv.org/abs/2502.03794v2}} }
@inproceedings(reed, doi = {10.1000/a\_b}
@book{none, title={A Book {of {Nothing}}}}
@misc{quoted, year = 2017, journal={arXiv preprint arXiv:1706.03762}}
"""


def test_a_bibtex_entry_is_known_by_its_ids_and_not_by_those_it_cites() -> None:
    assert references.read(BIBTEX) == [
        Reference("On Moss", (("arxiv", "2502.03793"), ("doi", "10.1000/moss"))),
        Reference("Fern", (("arxiv", "2502.03794"),)),
        Reference("reed", (("doi", "10.1000/a_b"),)),
        Reference("A Book of Nothing", ()),
        Reference("quoted", (("arxiv", "1706.03762"),)),
    ]


def test_a_line_holds_any_number_of_ids() -> None:
    many = [f"2502.0000{number}" for number in range(1, 9)]
    text = f"arXiv:2502.03793v2\n\n10.1000/moss, p0a1b2c3d\nsome words\n{', '.join(many)}"

    found = references.read(text)

    assert found[0] == Reference("2502.03793", (("arxiv", "2502.03793"),))
    assert found[2] == Reference("some words", ())
    assert [row.label for row in found[3:]] == many
    assert references.read("x" * 5_000)[0].names == ()
    assert references.read("p0a1b2c3d")[0].names == (("key", "p0a1b2c3d"),)
    assert references.read(" \n\t") == []


def test_a_file_has_so_many_references(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "MAX_REFERENCES", 2)

    assert len(references.read("2502.00001\n2502.00002\n2502.00001")) == 2
    with pytest.raises(TooManyReferences):
        references.read("2502.00001\n2502.00002\n2502.00003")
