"""The first figure of arXiv's HTML version, with its caption as text."""

from papers.sources.arxiv_html import Figure, first_figure, has_html

URL = "https://arxiv.org/html/2503.00001"


def figure_of(html: str) -> Figure | None:
    return first_figure(html.encode(), URL)


def test_first_figure_has_an_absolute_address_and_its_caption_as_text():
    page = """<html><head><base href="/html/2503.00001v2/"></head><body>
    <img src="logo.png"><p>a &lt; b</p>
    <figure class="ltx_figure" id="S1.F1"><img alt="Refer to caption" class="ltx_graphics"
      height="300" id="F1.g1" src="extracted/12/moss.png" width="600">
    <figcaption class="ltx_caption"><span class="ltx_tag">Figure 1: </span>Growth of moss with
    <math alttext="x^{2}"><semantics><msup><mi>x</mi><mn>2</mn></msup>
    <annotation encoding="application/x-tex">x^{2}</annotation></semantics></math> &amp; light.
    </figcaption></figure>
    <figure class="ltx_figure"><img src="second.png"><figcaption>Figure 2</figcaption></figure>"""

    found = figure_of(page)

    assert found == Figure(
        "https://arxiv.org/html/2503.00001v2/extracted/12/moss.png",
        "Figure 1: Growth of moss with x² & light.",
    )


def test_without_a_base_an_address_is_relative_to_the_page():
    found = figure_of('<figure><img src="2503.00001v1/x1.png"></figure>')
    assert found == Figure("https://arxiv.org/html/2503.00001v1/x1.png", "")


def test_figure_of_several_parts_has_the_first_image_and_the_caption_of_the_whole():
    found = figure_of(
        """<figure class="ltx_figure"><div>
        <figure class="ltx_figure ltx_figure_panel"><img src="/a.png">
        <figcaption>(a) Before</figcaption></figure>
        <figure class="ltx_figure ltx_figure_panel"><img src="/b.png">
        <figcaption>(b) After</figcaption></figure></div>
        <figcaption>Figure 1: Before and after.</figcaption></figure>"""
    )
    assert found == Figure("https://arxiv.org/a.png", "Figure 1: Before and after.")


def test_tables_algorithms_drawings_and_marks_are_no_figures():
    found = figure_of(
        """<figure class="ltx_table"><img src="/table.png"></figure>
        <figure class="ltx_float ltx_float_algorithm"><img src="/algorithm.png"></figure>
        <figure class="ltx_figure"><svg></svg></figure>
        <figure class="ltx_figure"><img src="/drawing.svg?v=1"></figure>
        <figure class="ltx_figure"><img src="/mark.png" width="16" height="16"></figure>
        <figure class="ltx_figure"><img src="data:image/png;base64,AAAA"></figure>
        <figure class="ltx_figure"><img src="javascript:alert(1)"></figure>
        <figure class="ltx_figure"><img src="/real.png" width="160"></figure>"""
    )
    assert found is not None
    assert found.url == "https://arxiv.org/real.png"


def test_page_that_ends_within_its_figure_still_has_it():
    assert figure_of('<figure><img src="/x.png"><figcaption>Fig') == Figure(
        "https://arxiv.org/x.png", ""
    )


def test_page_without_figures_has_none():
    for page in ("", "<p>No figure</p>", '<img src="/x.png">', "</figure></figure>", "\x00\xff"):
        assert figure_of(page) is None


def test_arxiv_has_html_since_december_2023():
    assert has_html("2312.00001")
    assert has_html("2503.00001")
    assert not any(map(has_html, ["", "2311.99999", "0704.0001", "hep-th/9901001"]))
