"""Papers for the benchmarks: records of arXiv if that file is present, else our samples."""

import gzip
import json
from collections.abc import Iterator
from html import escape
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

from papers.ingest.samples import SAMPLES_FILE

ROOT = Path(__file__).resolve().parents[1]
ARXIV_METADATA = ROOT.parent / "shared" / "data" / "arxiv_metadata.jsonl.gz"


def records(skip: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """Endless pairs of a new arXiv id and a record; the records repeat, the ids do not."""
    for number, record in islice(zip(count(), cycle(read_records())), skip, None):
        month, serial = divmod(number, 20_000)
        year, month = divmod(month, 12)
        yield f"{15 + year}{month + 1:02}.{serial + 1:05}", record


def read_records() -> Iterator[dict[str, Any]]:
    """Each record of the file once, as it is."""
    yield from read_json_lines(ARXIV_METADATA if ARXIV_METADATA.exists() else SAMPLES_FILE)


def read_json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Each line of the file, gzipped if its name ends in .gz."""
    open_text = gzip.open if path.suffix == ".gz" else open
    with open_text(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def write_snapshot(path: Path, size: int, skip: int) -> None:
    """Write `size` records in the form of arXiv's public metadata snapshot."""
    with path.open("w", encoding="utf-8") as file:
        for identifier, record in islice(records(skip), size):
            names = [name.rpartition(" ") for name in record["authors"]]
            doi = record.get("doi")
            row = {
                "id": identifier,
                "submitter": record["authors"][0] if record["authors"] else "",
                "authors": ", ".join(record["authors"]),
                "title": record["title"],
                "comments": record.get("comment"),
                "journal-ref": None,
                "doi": f"{doi.split()[0]}.{skip}" if doi else None,
                "report-no": None,
                "categories": " ".join(record["categories"]),
                "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
                "abstract": f"  {record['abstract']}\n",
                "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}],
                "update_date": "2008-11-26",
                "authors_parsed": [[last, first, ""] for first, _, last in names],
            }
            file.write(json.dumps(row) + "\n")


RSS = """<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:atom="http://www.w3.org/2005/Atom" version="2.0"><channel>
<title>cs updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs</link>
<description>cs updates on the arXiv.org e-print archive.</description>
<pubDate>Mon, 23 Nov 2026 00:00:00 -0500</pubDate>
<skipDays><day>Sunday</day><day>Saturday</day></skipDays>
{items}
</channel></rss>"""
ITEM = """<item>
  <title>{title}</title>
  <link>https://arxiv.org/abs/{id}</link>
  <description>arXiv:{id}v1 Announce Type: new \nAbstract: {abstract}</description>
  <guid isPermaLink="false">oai:arXiv.org:{id}v1</guid>
  {categories}
  <pubDate>Mon, 23 Nov 2026 00:00:00 -0500</pubDate>
  <arxiv:announce_type>new</arxiv:announce_type>
  <dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>
  <dc:creator>{authors}</dc:creator>
</item>"""


def arxiv_rss(size: int) -> bytes:
    """The body of an RSS feed of arXiv with `size` entries."""
    items = [
        ITEM.format(
            id=identifier,
            title=escape(record["title"], quote=False),
            abstract=escape(record["abstract"], quote=False),
            categories="\n  ".join(f"<category>{code}</category>" for code in record["categories"]),
            authors=escape(", ".join(record["authors"]), quote=False),
        )
        for identifier, record in islice(records(), size)
    ]
    return RSS.format(items="\n".join(items)).encode()
