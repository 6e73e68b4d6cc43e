"""A site on two machines: two web servers, workers and schedulers behind a proxy with TLS.

They share one PostgreSQL and one Valkey and nothing else: each machine has a data folder of its
own. The proxy is Debian's `caddy`.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

from selfhost import servers, site_processes
from tests.conftest import FeedServer, MailServer
from tests.running_site import ROOT, Site, copy_first_data, first_data
from tests.test_journey import follow_a_paper, soon

CADDY = shutil.which("caddy")
CADDYFILE = """
{{
    admin off
    auto_https disable_redirects
    skip_install_trust
    storage file_system {storage}
}}
https://localhost:{port} {{
    tls internal
    reverse_proxy {upstreams}
}}
"""


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.skipif(CADDY is None, reason="there is no Caddy here: apt-get install caddy")
def test_two_of_each_behind_a_proxy_with_tls_do_all_work_once(
    tmp_path: Path, feed_server: FeedServer, mail_server: MailServer
) -> None:
    with two_machines(tmp_path, EMAIL_URL=mail_server.url) as site:
        follow_a_paper(site, feed_server, mail_server)
        [[polls]] = site.rows("SELECT count(*) FROM papers_poll")
    assert polls == 2, "two schedulers polled a source twice"


@contextmanager
def two_machines(folder: Path, **settings: str) -> Iterator[Site]:
    data = folder / "data"
    copy_first_data(data)
    proxy_port, *web_ports = free_ports(3)
    url = f"https://localhost:{proxy_port}"
    env = os.environ | {
        "DATABASE_URL": servers.database_url(data),
        "REDIS_URL": servers.redis_url(data),
        "SITE_URL": url,
        "TRUSTED_PROXY_COUNT": "1",
        "SWEEP_SECONDS": "1",
        "REMAP_SIGTERM": "SIGQUIT",
        **settings,
    }
    with ExitStack() as stack:
        both = servers.Servers(data)
        both.acquire()
        stack.callback(both.release)
        for number, port in enumerate(web_ports):
            start_machine(stack, folder / f"machine-{number}", env, port)
        proxy, authority = start_proxy(stack, folder, proxy_port, web_ports)
        # `data_dir` is where the servers are; commands run on the first machine.
        env |= {"DATA_DIR": str(folder / "machine-0")}
        site = Site(url, data, env, proxy, authority)
        soon(lambda: answers(site), "the first answer", 60)
        yield site


def start_machine(stack: ExitStack, folder: Path, env: dict[str, str], port: int) -> None:
    folder.mkdir()
    shutil.copytree(first_data() / "static", folder / "static")
    for name, command in site_processes.commands("127.0.0.1", port).items():
        extra = ["--schedule", str(folder / "schedule")] if name == "scheduler" else []
        words = [sys.executable, "-m", *command, *extra]
        start(stack, folder / f"{name}.log", words, env | {"DATA_DIR": str(folder)})


def start_proxy(
    stack: ExitStack, folder: Path, port: int, web_ports: list[int]
) -> tuple[subprocess.Popen[bytes], Path]:
    """Returns the process, and the certificate of the authority that it makes for itself."""
    assert CADDY
    storage = folder / "caddy"
    upstreams = " ".join(f"127.0.0.1:{web_port}" for web_port in web_ports)
    file = folder / "Caddyfile"
    file.write_text(CADDYFILE.format(storage=storage, port=port, upstreams=upstreams))
    words = [CADDY, "run", "--adapter", "caddyfile", "--config", str(file)]
    process = start(stack, folder / "caddy.log", words, dict(os.environ))
    return process, storage / "pki" / "authorities" / "local" / "root.crt"


def start(
    stack: ExitStack, log: Path, words: list[str], env: dict[str, str]
) -> subprocess.Popen[bytes]:
    """A process that ends with the stack."""
    with log.open("wb") as out:
        process = subprocess.Popen(words, cwd=ROOT, env=env, stdout=out, stderr=out)
    stack.callback(process.wait, 20)
    stack.callback(process.terminate)
    return process


def free_ports(number: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def answers(site: Site) -> bool:
    """Whether both web servers do: the proxy takes them in turn, or at random."""
    try:
        return all(site.reader().get("/healthz").status_code == 200 for _ in range(8))
    except (requests.RequestException, OSError):  # the certificate's file is not there yet
        return False
