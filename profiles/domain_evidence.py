"""Compares the domain of a mailed claim with what the author's papers say, for the curator.

Sources give no addresses of authors. What they give of some papers is the name of an organization,
and the addresses of a project page and of the code; hosts that serve anybody's pages do not count.
"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from papers.identifiers import fold_name
from papers.models import Paper
from papers.models.sort_orders import SortOrder
from papers.source_metadata import Extra

MAX_PAPERS = 200  # of the author, the newest
MAX_NAMED = 6  # organizations and hosts
MIN_LABEL_LETTERS = 3  # of a part of a domain that may stand for an organization
SHARED_HOSTS = (
    *("github.com", "github.io", "gitlab.com", "gitlab.io", "bitbucket.org", "huggingface.co"),
    *("hf.space", "kaggle.com", "zenodo.org", "osf.io", "figshare.com", "arxiv.org", "doi.org"),
    *("sites.google.com", "drive.google.com", "docs.google.com", "colab.research.google.com"),
    *("youtube.com", "youtu.be", "medium.com", "notion.site", "netlify.app", "vercel.app"),
)


def evidence_for(domain: str, author: str) -> str:
    """Whether the domain fits the papers of this name, as a sentence."""
    newest = Paper.objects.visible().by_author(author).sorted(SortOrder.NEW)
    rows = newest.values_list("extra", "project_url", "code_url")[:MAX_PAPERS]
    papers = [_named_by(Extra.from_json(extra).organization, urls) for extra, *urls in rows]
    return describe(domain, papers)


def describe(domain: str, papers: Sequence[set[str]]) -> str:
    """`papers` has the organization and the hosts of each.

    `jku.example: fits 2 of 5 papers (JKU Linz, ml.jku.example).`
    `jku.example: not seen with this author. Their 5 papers name: NVIDIA.`
    """
    fitting = [{name for name in names if fits(domain, name)} for names in papers]
    number = sum(map(bool, fitting))
    all_papers = f"{len(papers)} paper{'' if len(papers) == 1 else 's'}"
    if number:
        return f"{domain}: fits {number} of {all_papers} ({_join(fitting)})."
    names = "names" if len(papers) == 1 else "name"
    named = f": {_join(papers)}" if any(papers) else " no organization or page"
    return f"{domain}: not seen with this author. Their {all_papers} {names}{named}."


def fits(domain: str, name: str) -> bool:
    """Whether a host is of the same site, or a word of an organization's name is in the domain."""
    if "." in name and " " not in name:
        host, domain = f".{name}", f".{domain.lower()}"
        return host.endswith(domain) or domain.endswith(host)
    labels = {label for label in domain.lower().split(".")[:-1] if len(label) >= MIN_LABEL_LETTERS}
    folded = fold_name(name)
    return bool(labels & {*re.split(r"[\W_]+", folded), re.sub(r"[\W_]+", "", folded)})


def _named_by(organization: str, urls: Iterable[str]) -> set[str]:
    """What one paper names: its organization, and the hosts of its pages."""
    return {organization, *map(_host, urls)} - {""}


def _host(url: str) -> str:
    """Without `www.`; empty for one that anybody may have pages on."""
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    is_shared = any(f".{host}".endswith(f".{shared}") for shared in SHARED_HOSTS)
    return "" if is_shared else host


def _join(papers: Iterable[set[str]]) -> str:
    names = sorted({name for names in papers for name in names})
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more
