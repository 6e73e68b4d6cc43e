"""A loopback source that does, byte for byte, what a test tells it to, and writes down who came."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PEER_TIMEOUT_SECONDS = 40.0  # for a connection whose other end does not close it


@dataclass
class Visit:
    """One request, and the time its connection was open, on the monotonic clock."""

    path: str
    headers: dict[str, str]
    came: float
    answered: float = 0.0


Deed = Callable[[socket.socket, Visit], None]


@dataclass
class Loopback:
    """What it does is set by path; a path of nobody is answered with 404."""

    url: str
    port: int
    does: dict[str, Deed] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    most_open: int = 0  # connections at the same time
    _open: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def says(self, path: str, answer: bytes) -> str:
        self.does[path] = lambda peer, visit: peer.sendall(answer)
        return self.url + path

    def at(self, path: str) -> list[Visit]:
        return [visit for visit in self.visits if visit.path == path]

    def serve(self, peer: socket.socket) -> None:
        came = time.monotonic()
        with self._lock:
            self._open += 1
            self.most_open = max(self.most_open, self._open)
        try:
            with peer, suppress(OSError):  # they hung up: most of these tests want that
                self._answer(peer, came)
        finally:
            with self._lock:
                self._open -= 1

    def _answer(self, peer: socket.socket, came: float) -> None:
        peer.settimeout(PEER_TIMEOUT_SECONDS)
        request = b""
        while b"\r\n\r\n" not in request:
            chunk = peer.recv(65536)
            if not chunk:
                return
            request += chunk
        first, *lines = request.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (it.partition(": ") for it in lines)}
        visit = Visit(first.split(" ")[1], headers, came)
        self.visits.append(visit)
        deed = self.does.get(visit.path)
        visit.answered = time.monotonic()  # before the last byte goes: they cannot have it yet
        if deed is None:
            peer.sendall(answer(404))
        else:
            deed(peer, visit)
        while peer.recv(65536):  # until they hang up, as whoever counts connections must know
            pass


@contextmanager
def loopback() -> Iterator[Loopback]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        port = listener.getsockname()[1]
        server = Loopback(f"http://127.0.0.1:{port}", port)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    peer, _ = listener.accept()
                    threading.Thread(target=server.serve, args=[peer], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield server
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    given = {"Content-Length": str(len(body))} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode("latin-1") + body


ARXIV = """<?xml version="1.0" encoding="UTF-8"?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
     version="2.0"><channel><title>cs.CL updates on arXiv.org</title>
<link>http://rss.arxiv.org/rss/cs.CL</link><description>cs.CL updates</description>
<pubDate>Mon, 23 Nov 2026 00:00:00 -0500</pubDate>{items}</channel></rss>"""
PAPER = """<item><title>On the number {id}</title><link>https://arxiv.org/abs/{id}</link>
<description>arXiv:{id}v1 Announce Type: new\nAbstract: We study it.</description>
<guid isPermaLink="false">oai:arXiv.org:{id}v1</guid><category>cs.CL</category>
<pubDate>Mon, 23 Nov 2026 00:00:00 -0500</pubDate>
<arxiv:announce_type>new</arxiv:announce_type><dc:creator>Ada Quill, Ben Marsh</dc:creator></item>
"""


def arxiv_feed(*ids: str) -> bytes:
    return ARXIV.format(items="".join(PAPER.format(id=one) for one in ids)).encode()
