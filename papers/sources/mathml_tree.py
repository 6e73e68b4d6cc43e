"""Parses MathML, broken in any way, into a tree of elements; finds the TeX that stands in it."""

import html
import re
from dataclasses import dataclass, field

MAX_DEPTH = 40  # of elements; what is deeper counts as the content of its ancestor

TAG = re.compile(r"<(?P<end>/?)(?:[\w.-]{1,40}:)?(?P<name>[a-zA-Z][\w-]{0,40})(?P<rest>[^<>]*)>")
OTHER_MARKUP = re.compile(r"<!--[^<>]{0,500}-->|<[!?/a-zA-Z][^<>]*>")
ATTRIBUTE = re.compile(
    r"\b(?P<name>[a-z]{1,20})\s?=\s?(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')"
)
TEXT_ELEMENTS = frozenset(["mi", "mn", "mo", "ms", "mtext", "annotation"])
VOID_ELEMENTS = frozenset(["none", "mprescripts", "mspace", "malignmark", "maligngroup"])


@dataclass(slots=True)
class Element:
    """An element: its children in order, and the text of those that hold text."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def all_text(self) -> str:
        return self.text + "".join(child.all_text() for child in self.children)


def parse(mathml: str) -> Element:
    """The tree of a <math> element, which is the only child of the root, if any."""
    open_elements = [Element("math")]
    at = 0
    for tag in TAG.finditer(mathml):
        _add_text(open_elements[-1], mathml[at : tag.start()])
        at = tag.end()
        name = tag["name"].lower()
        if tag["end"]:
            names = [element.name for element in open_elements[1:]]
            if name in names:
                del open_elements[len(names) - names[::-1].index(name) :]
            continue
        attributes = {
            match["name"]: html.unescape(match["double"] or match["single"] or "")
            for match in ATTRIBUTE.finditer(tag["rest"])
        }
        element = Element(name, attributes)
        is_void = name in VOID_ELEMENTS or tag["rest"].endswith("/")
        if is_void or len(open_elements) < MAX_DEPTH:
            open_elements[-1].children.append(element)
        if not is_void and len(open_elements) < MAX_DEPTH:
            open_elements.append(element)
    _add_text(open_elements[-1], mathml[at:])
    return open_elements[0]


def _add_text(element: Element, source: str) -> None:
    text = " ".join(html.unescape(OTHER_MARKUP.sub("", source)).split())
    if not text:
        return
    if element.name in TEXT_ELEMENTS:
        element.text += f" {text}" if element.text else text
    else:  # not allowed by MathML, but better shown than lost
        element.children.append(Element("mtext", text=text))


def annotated_tex(root: Element, place: str) -> str:
    """The TeX that a converter has left beside its MathML: in an `annotation`, or in `alttext`."""
    if place == "alttext":
        return _unwrapped(root.children[0].attributes.get("alttext", "")) if root.children else ""
    pending = [root]
    while pending:
        element = pending.pop()
        if element.name == "annotation" and "tex" in element.attributes.get("encoding", "").lower():
            return _unwrapped(element.text)
        pending.extend(reversed(element.children))
    return ""


def _unwrapped(source: str) -> str:
    """TeX without dollars or `{\\displaystyle …}` around it; empty if its braces do not match."""
    source = WRAPPED.sub(lambda match: next(filter(None, match.groups()), ""), source.strip())
    depth = 0
    for brace in re.findall(r"\\[\\{}]|[{}]", source):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return ""
    return "" if depth or UNESCAPED_DOLLAR.search(source) else source.strip()


WRAPPED = re.compile(
    r"\A(?:\$\$?([^$]*)\$\$?|\\\((.*)\\\)|\\\[(.*)\\\]|\{\\(?:display|text)style (.*)\})\Z",
    re.DOTALL,
)
UNESCAPED_DOLLAR = re.compile(r"(?<!\\)\$")
