"""One HTTP request through curl: limits of time and size, and a guard on where it connects."""

import socket
import ssl
import time
from collections.abc import Container
from dataclasses import dataclass

import pycurl

from papers.sources.addresses import is_public

ALLOWED_PORTS = (80, 443)
E_TOO_LARGE = 100  # CURLE_TOO_LARGE, which pycurl does not name
CURL_ERRORS = {
    pycurl.E_COULDNT_RESOLVE_HOST: "its name does not resolve",
    pycurl.E_COULDNT_CONNECT: "it does not accept connections",
    pycurl.E_GOT_NOTHING: "it closed the connection without an answer",
    pycurl.E_PARTIAL_FILE: "the answer is shorter than it promised",
    pycurl.E_PEER_FAILED_VERIFICATION: "its certificate is not valid",
    pycurl.E_URL_MALFORMAT: "that is not a URL",
    pycurl.E_UNSUPPORTED_PROTOCOL: "its answer is not HTTP",
    E_TOO_LARGE: "a header longer than any that is of use",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much time and memory one fetch may take, redirects included."""

    total_seconds: float = 20
    connect_seconds: float = 10
    header_bytes: int = 64 * 1024
    wire_bytes: int = 2_000_000
    decoded_bytes: int = 10_000_000
    redirects: int = 5


DEFAULT_LIMITS = Limits()


class FetchError(Exception):
    """No usable answer; `reason` is one line for the operator.

    `body` is what came with an error status: arXiv explains itself there.
    """

    def __init__(
        self,
        reason: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        gone: bool = False,
        body: bytes = b"",
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.retry_after = retry_after
        self.gone = gone
        self.body = body


class Request:
    """One request; curl's callbacks fill in the response here, within the limits."""

    def __init__(self, url: str, limits: Limits, allow_private: bool | Container[str]) -> None:
        self.url = url
        self.limits = limits
        self.allow_private = allow_private
        self.status = 0
        self.headers: dict[str, str] = {}
        self.header_bytes = 0
        self.body = bytearray()
        self.wire_bytes = 0
        self.refusal = ""  # the limit by which we ended it
        self.refused_address = ""
        self.connected = False

    def perform(self, headers: list[bytes], user_agent: str, deadline: float) -> None:
        """Send the request; raises FetchError unless a whole response came by the deadline.

        `headers` are whole lines, `deadline` is of `time.monotonic`.
        """
        curl = pycurl.Curl()
        try:
            self._prepare(curl, headers, user_agent, deadline)
            curl.perform()
            self.status = curl.getinfo(pycurl.RESPONSE_CODE)
            self._progress(0, curl.getinfo(pycurl.SIZE_DOWNLOAD_T), 0, 0)
        except (pycurl.error, UnicodeError) as error:
            raise FetchError(f"{host_of(self.url)}: {self._reason(error)}") from None
        finally:
            curl.close()
        if self.refusal:
            raise FetchError(f"{host_of(self.url)}: {self.refusal}")

    def _prepare(
        self, curl: pycurl.Curl, headers: list[bytes], user_agent: str, deadline: float
    ) -> None:
        certificates = ssl.get_default_verify_paths()  # the wheel's curl looks where it was built
        if certificates.cafile:
            curl.setopt(pycurl.CAINFO, certificates.cafile)
        if certificates.capath:
            curl.setopt(pycurl.CAPATH, certificates.capath)
        left_ms = max(1, int((deadline - time.monotonic()) * 1000))
        options = {
            pycurl.URL: self.url.encode(),
            pycurl.HTTPHEADER: headers,
            pycurl.USERAGENT: user_agent.encode(),
            pycurl.PROTOCOLS: pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS,
            pycurl.FOLLOWLOCATION: 0,  # each redirect is a request of its own, and checked
            pycurl.PROXY: "",  # whatever the environment says: the guard must see the real address
            pycurl.NOPROXY: "*",
            pycurl.NOSIGNAL: 1,  # required where there are threads
            pycurl.ACCEPT_ENCODING: "",  # all that curl can decode
            pycurl.TIMEOUT_MS: left_ms,
            pycurl.CONNECTTIMEOUT_MS: min(left_ms, int(self.limits.connect_seconds * 1000)),
            pycurl.MAXFILESIZE_LARGE: self.limits.decoded_bytes,
            pycurl.NOPROGRESS: 0,
            pycurl.XFERINFOFUNCTION: self._progress,
            pycurl.HEADERFUNCTION: self._header,
            pycurl.WRITEFUNCTION: self._write,
            pycurl.OPENSOCKETFUNCTION: self._open_socket,
        }
        for option, value in options.items():
            curl.setopt(option, value)

    def _open_socket(self, purpose: int, address: tuple[int, int, int, object]) -> object:
        """Check the address that curl is about to connect to: after DNS, so no name can mislead."""
        family, kind, protocol, peer = address
        ip, port = (str(peer[0]), int(peer[1])) if isinstance(peer, tuple) else (str(peer), 0)
        allowed = self.allow_private
        if allowed is not True and (allowed is False or f"{ip}:{port}" not in allowed):
            if not is_public(ip):
                self.refused_address = f"{ip} is not a public address"
                return pycurl.SOCKET_BAD
            if port not in ALLOWED_PORTS:
                self.refused_address = f"port {port} is refused, only 80 and 443 are open to us"
                return pycurl.SOCKET_BAD
        self.connected = True
        return socket.socket(family, kind, protocol)

    def _header(self, line: bytes) -> int | None:
        self.header_bytes += len(line)
        if self.header_bytes > self.limits.header_bytes:
            self.refusal = f"more than {self.limits.header_bytes} bytes of headers"
            return -1
        if line.startswith(b"HTTP/"):  # a "103 Early Hints" may come before the answer
            self.headers.clear()
        name, _, value = line.partition(b":")
        self.headers[name.decode("latin-1").lower()] = value.strip(b" \t\r\n").decode("latin-1")
        return None

    def _write(self, chunk: bytes) -> int | None:
        if len(self.body) + len(chunk) > self.limits.decoded_bytes:
            self.refusal = f"a body of more than {self.limits.decoded_bytes} bytes"
            return -1
        self.body += chunk
        return None

    def _progress(self, total: int, now: int, up_total: int, up_now: int) -> int:
        self.wire_bytes = now
        if now > self.limits.wire_bytes:
            self.refusal = f"more than {self.limits.wire_bytes} bytes sent"
        return 1 if self.refusal else 0

    def _reason(self, error: Exception) -> str:
        """One line on why curl failed."""
        code, message = (*error.args, "", "")[:2]
        if self.refusal:
            return self.refusal
        if self.refused_address and not self.connected:
            return self.refused_address
        if code == pycurl.E_OPERATION_TIMEDOUT:
            return f"no whole answer within {self.limits.total_seconds:g} seconds"
        if code == pycurl.E_FILESIZE_EXCEEDED:
            return f"a body of more than {self.limits.decoded_bytes} bytes"
        return CURL_ERRORS.get(code) or " ".join(str(message or error).split())[:200]


def host_of(url: str) -> str:
    """The host, for a message that a URL with a long query would drown."""
    return url.split("/")[2]
