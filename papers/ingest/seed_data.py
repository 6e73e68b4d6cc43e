"""What a new site starts with: the topics it assigns to papers and the feeds it polls."""

from dataclasses import dataclass

from papers.categories import CATEGORIES, RETIRED


@dataclass(frozen=True, slots=True)
class SeedTopic:
    """A topic of the papers with these categories, or found by a search for these words."""

    slug: str
    name: str
    description: str
    categories: tuple[str, ...]
    words: str = ""


@dataclass(frozen=True, slots=True)
class SeedSource:
    """A feed that is polled from the first start on."""

    name: str
    kind: str
    url: str


def _codes(*archives: str) -> tuple[str, ...]:
    """Every category of these archives, with the archives' own codes."""
    return tuple(code for code in (*CATEGORIES, *RETIRED) if code.partition(".")[0] in archives)


# Together they have every category of arXiv, so that no arXiv paper is without a topic. A category
# that belongs to two fields (information theory, biological physics) is in both topics.
TOPICS = (
    SeedTopic(
        "language",
        "Language and speech",
        "Text and speech: models that read, write, search, translate and listen.",
        ("cs.CL", "cs.IR", "cs.SD", "eess.AS", "cmp-lg"),
    ),
    SeedTopic(
        "vision",
        "Vision and graphics",
        "Images and video: recognising, reconstructing and rendering what there is to see.",
        ("cs.CV", "cs.GR", "cs.MM", "eess.IV"),
    ),
    SeedTopic(
        "machine-learning",
        "Machine learning",
        "How machines learn, reason and plan, and why it sometimes works.",
        ("cs.LG", "cs.AI", "cs.NE", "stat.ML"),
    ),
    SeedTopic(
        "robotics",
        "Robotics and engineering",
        "Robots, control, signals, and agents that have to get along.",
        ("cs.RO", "cs.MA", "cs.SY", "eess.SY", "eess.SP"),
    ),
    SeedTopic(
        "security",
        "Security and privacy",
        "Cryptography, attacks, defences, and who gets to know what.",
        ("cs.CR",),
    ),
    SeedTopic(
        "theory",
        "Algorithms and theory",
        "What can be computed, how fast, and how one proves it.",
        (
            *("cs.CC", "cs.CG", "cs.DM", "cs.DS", "cs.FL", "cs.GT", "cs.IT", "cs.LO", "cs.NA"),
            *("cs.SC", "math.IT"),
        ),
    ),
    SeedTopic(
        "systems",
        "Systems and software",
        "Hardware, networks, databases, programming languages and the craft of software.",
        (
            *("cs.AR", "cs.CE", "cs.DB", "cs.DC", "cs.ET", "cs.MS", "cs.NI", "cs.OS", "cs.PF"),
            *("cs.PL", "cs.SE"),
        ),
    ),
    SeedTopic(
        "people",
        "People and computing",
        "Interfaces, societies, libraries, and what computing does to those who use it.",
        ("cs.CY", "cs.DL", "cs.GL", "cs.HC", "cs.OH", "cs.SI", "physics.soc-ph"),
    ),
    SeedTopic(
        "mathematics",
        "Mathematics",
        "Algebra, analysis, geometry, combinatorics, number theory, logic and the rest.",
        (*_codes("math", "math-ph"), "cs.NA", "alg-geom", "dg-ga", "funct-an", "q-alg"),
    ),
    SeedTopic(
        "physics",
        "Physics",
        "Particles, fields, nuclei, fluids, plasmas, chaos, and instruments to see them with.",
        (
            *_codes("gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "nucl-ex", "nucl-th"),
            *_codes("physics", "nlin", "math-ph"),
            *("acc-phys", "adap-org", "atom-ph", "bayes-an", "chao-dyn", "chem-ph", "comp-gas"),
            *("patt-sol", "plasm-ph", "solv-int"),
        ),
    ),
    SeedTopic(
        "quantum-and-matter",
        "Quantum and matter",
        "Quantum information, materials, light and atoms, and states of matter old and new.",
        (
            *_codes("quant-ph", "cond-mat"),
            *("physics.app-ph", "physics.atm-clus", "physics.atom-ph", "physics.chem-ph"),
            *("physics.optics", "atom-ph", "chem-ph", "mtrl-th", "supr-con"),
        ),
    ),
    SeedTopic(
        "astronomy",
        "Astronomy",
        "Planets, stars, galaxies, the universe at large, and the telescopes pointed at them.",
        (*_codes("astro-ph"), "gr-qc", "physics.space-ph"),
    ),
    SeedTopic(
        "biology",
        "Biology and medicine",
        "Genes, cells, brains, bodies and populations, measured and modelled.",
        (*_codes("q-bio"), "physics.bio-ph", "physics.med-ph"),
    ),
    SeedTopic(
        "statistics",
        "Statistics",
        "Inference, design, uncertainty, and the honest use of data.",
        (*_codes("stat"), "math.ST", "physics.data-an", "bayes-an"),
    ),
    SeedTopic(
        "economics",
        "Economics and finance",
        "Markets, mechanisms, choices, and how one estimates them.",
        (*_codes("econ", "q-fin"), "cs.GT"),
    ),
    SeedTopic(
        "earth",
        "Earth and climate",
        "Weather, oceans, climate, and the ground beneath.",
        ("physics.ao-ph", "physics.geo-ph", "ao-sci"),
    ),
)


def _arxiv(*categories: str) -> SeedSource:
    # arXiv joins categories with "+" and cuts a feed at 2,000 items: too few for the whole of cs.
    url = "https://rss.arxiv.org/rss/" + "+".join(categories)
    return SeedSource("arXiv " + " + ".join(categories), "arxiv", url)


# Every topic gets papers each weekday. The busy categories have a feed of their own, so that one
# feed that fails or is late costs one field only; three seconds apart, all take under a minute.
SOURCES = (
    _arxiv("cs.CL"),
    _arxiv("cs.CV"),
    _arxiv("cs.AI"),
    _arxiv("cs.LG", "stat.ML"),
    _arxiv("cs.RO"),
    _arxiv("cs.CR"),
    _arxiv("cs.DS", "cs.HC", "cs.SE"),
    _arxiv("math.CO", "math.NT"),
    _arxiv("hep-th", "quant-ph"),
    _arxiv("astro-ph.EP", "astro-ph.GA"),
    _arxiv("q-bio"),
    _arxiv("econ", "stat.ME"),
    _arxiv("physics.ao-ph", "physics.geo-ph"),
)
