"""What a new site starts with: the topics it sorts papers into and the feeds it polls."""

from dataclasses import dataclass

from papers.categories import CATEGORIES, RETIRED


@dataclass(frozen=True, slots=True)
class Topic:
    """A heading that readers filter by: papers of these categories, or that these words find."""

    slug: str
    name: str
    description: str
    categories: tuple[str, ...]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A feed that is polled from the first start on."""

    name: str
    kind: str
    url: str


def _codes(*archives: str) -> tuple[str, ...]:
    """Every category of these archives, the archives' own bare codes included."""
    return tuple(code for code in (*CATEGORIES, *RETIRED) if code.partition(".")[0] in archives)


# Together they hold every category of arXiv, so that no arXiv paper is without a topic; where two
# fields share a category (information theory, biological physics), both topics have it.
TOPICS = (
    Topic(
        "language",
        "Language and speech",
        "Text and speech: models that read, write, search, translate and listen.",
        ("cs.CL", "cs.IR", "cs.SD", "eess.AS", "cmp-lg"),
    ),
    Topic(
        "vision",
        "Vision and graphics",
        "Images and video: recognising, reconstructing and rendering what there is to see.",
        ("cs.CV", "cs.GR", "cs.MM", "eess.IV"),
    ),
    Topic(
        "machine-learning",
        "Machine learning",
        "How machines learn, reason and plan, and why it sometimes works.",
        ("cs.LG", "cs.AI", "cs.NE", "stat.ML"),
    ),
    Topic(
        "robotics",
        "Robotics and engineering",
        "Robots, control, signals, and agents that have to get along.",
        ("cs.RO", "cs.MA", "cs.SY", "eess.SY", "eess.SP"),
    ),
    Topic(
        "security",
        "Security and privacy",
        "Cryptography, attacks, defences, and who gets to know what.",
        ("cs.CR",),
    ),
    Topic(
        "theory",
        "Algorithms and theory",
        "What can be computed, how fast, and how one proves it.",
        (
            *("cs.CC", "cs.CG", "cs.DM", "cs.DS", "cs.FL", "cs.GT", "cs.IT", "cs.LO", "cs.NA"),
            *("cs.SC", "math.IT"),
        ),
    ),
    Topic(
        "systems",
        "Systems and software",
        "Hardware, networks, databases, programming languages and the craft of software.",
        (
            *("cs.AR", "cs.CE", "cs.DB", "cs.DC", "cs.ET", "cs.MS", "cs.NI", "cs.OS", "cs.PF"),
            *("cs.PL", "cs.SE"),
        ),
    ),
    Topic(
        "people",
        "People and computing",
        "Interfaces, societies, libraries, and what computing does to those who use it.",
        ("cs.CY", "cs.DL", "cs.GL", "cs.HC", "cs.OH", "cs.SI", "physics.soc-ph"),
    ),
    Topic(
        "mathematics",
        "Mathematics",
        "Algebra, analysis, geometry, combinatorics, number theory, logic and the rest.",
        (*_codes("math", "math-ph"), "cs.NA", "alg-geom", "dg-ga", "funct-an", "q-alg"),
    ),
    Topic(
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
    Topic(
        "quantum-and-matter",
        "Quantum and matter",
        "Quantum information, materials, light and atoms, and states of matter old and new.",
        (
            *_codes("quant-ph", "cond-mat"),
            *("physics.app-ph", "physics.atm-clus", "physics.atom-ph", "physics.chem-ph"),
            *("physics.optics", "atom-ph", "chem-ph", "mtrl-th", "supr-con"),
        ),
    ),
    Topic(
        "astronomy",
        "Astronomy",
        "Planets, stars, galaxies, the universe at large, and the telescopes pointed at them.",
        (*_codes("astro-ph"), "gr-qc", "physics.space-ph"),
    ),
    Topic(
        "biology",
        "Biology and medicine",
        "Genes, cells, brains, bodies and populations, measured and modelled.",
        (*_codes("q-bio"), "physics.bio-ph", "physics.med-ph"),
    ),
    Topic(
        "statistics",
        "Statistics",
        "Inference, design, uncertainty, and the honest use of data.",
        (*_codes("stat"), "math.ST", "physics.data-an", "bayes-an"),
    ),
    Topic(
        "economics",
        "Economics and finance",
        "Markets, mechanisms, choices, and how one estimates them.",
        (*_codes("econ", "q-fin"), "cs.GT"),
    ),
    Topic(
        "earth",
        "Earth and climate",
        "Weather, oceans, climate, and the ground beneath.",
        ("physics.ao-ph", "physics.geo-ph", "ao-sci"),
    ),
)


def _arxiv(*categories: str) -> Source:
    # arXiv joins categories with "+" and cuts a feed at 2,000 items: too few for the whole of cs.
    url = "https://rss.arxiv.org/rss/" + "+".join(categories)
    return Source("arXiv " + " + ".join(categories), "arxiv", url)


# Every topic gets something each weekday. The busy categories have a feed apart, so that one which
# fails or is late costs one field only; three seconds apart, all are read within a minute.
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
