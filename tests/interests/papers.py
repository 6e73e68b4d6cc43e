"""Invented papers of two subjects, with vectors, and interests that a worker has trained."""

from django.utils import timezone

from interests import training
from interests.models import Interest
from papers.ingest.upsert import upsert
from papers.models import Paper
from papers.search import embed_queue
from tests.factories import an_entry

CACHES = [
    "Quantised KV cache for long prompts. We store keys and values of attention in four bits.",
    "Evicting the KV cache. Attention keys that no later token reads are dropped from memory.",
    "Paged KV cache memory. Serving long prompts with less memory for keys and values.",
    "A smaller KV cache by shared keys. Layers of attention reuse keys and values.",
    "KV cache compression at decoding. Low-rank keys and values shorten attention.",
]
OTHERS = [
    "Grasping with soft fingers. A robot hand learns to hold fruit from few trials.",
    "Protein folding by diffusion. We sample backbones of proteins under constraints.",
    "Segmenting tumours in scans. A network marks lesions in magnetic resonance images.",
    "Auctions with budgets. Bidders learn equilibria of repeated auctions.",
    "Street scenes at night. Depth is estimated from one camera in the dark.",
    "Speech of children. A recogniser is adapted to voices of young speakers.",
]
NEW_CACHE = "Streaming with a bounded KV cache. Old keys and values leave the attention memory."
NEW_OTHER = "Walking on sand. A legged robot learns gaits on soft ground from few trials."


def papers_of(texts: list[str], **fields) -> list[Paper]:
    """Stored as from a source, listed today, and with their vectors."""
    entries = []
    for text in texts:
        title, _, abstract = text.partition(". ")
        entries.append(an_entry(title=title, abstract=abstract, **fields))
    papers = upsert(entries, now=timezone.now()).new
    today = timezone.localdate()
    Paper.objects.filter(pk__in=[paper.pk for paper in papers]).update(listed_on=today)
    embed_queue.embed_waiting()
    return [Paper.objects.get(title=entry.title) for entry in entries]


def trained(interest: Interest) -> Interest:
    training.train(Interest.objects.get(pk=interest.pk), timezone.now())
    return Interest.objects.for_ranking().get(pk=interest.pk)
