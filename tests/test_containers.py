"""Container files and systemd units name the same commands as `up`, and keep what tasks rely on.

There is no container engine in the tests: the files are read, as text.
"""

import re
import shlex
from pathlib import Path

import pytest

from config import celery_app
from papers.ingest import seed
from selfhost import site_processes

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "docker-compose.yml").read_text()
IGNORED = (ROOT / ".dockerignore").read_text()


def services() -> dict[str, str]:
    block = COMPOSE[COMPOSE.index("\nservices:\n") : COMPOSE.index("\nvolumes:\n")]
    _, *parts = re.split(r"^  (\w+):\n", block, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def command_of(service: str) -> list[str]:
    folded = re.search(
        r"^    command: (?:>-\n)?((?:.+\n)(?:      .+\n)*)", services()[service], re.M
    )
    assert folded is not None
    return shlex.split(folded[1])


def command_of_image() -> list[str]:
    instruction = DOCKERFILE[DOCKERFILE.rindex("\nCMD ") :]
    return re.findall(r'"([^"]*)"', instruction)


def commands_of_up() -> dict[str, list[str]]:
    children = site_processes.children("0.0.0.0", 8000)
    return {child.name: ["python", *child.command[1:]] for child in children}


def without_log_level(command: list[str]) -> list[str]:
    words = iter(command)
    kept = []
    for word in words:
        if word == "--log-level":
            next(words)
        elif not word.startswith("--loglevel="):
            kept.append(word)
    return kept


# --- The same code path ---


def test_the_commands_are_those_of_up() -> None:
    ups = commands_of_up()
    assert command_of_image() == without_log_level(ups["web"])
    for name in ("worker", "fetcher"):
        assert command_of(name) == without_log_level(ups[name])
    assert command_of("scheduler") == without_log_level(ups["scheduler"])


@pytest.mark.parametrize("name", ["web", "worker", "fetcher", "scheduler"])
def test_a_systemd_unit_runs_the_command_of_up(name: str) -> None:
    unit = (ROOT / "docs" / "systemd" / f"papers-{name}.service").read_text()
    (line,) = re.findall(r"^ExecStart=/srv/papers/.venv/bin/(.+)$", unit, re.MULTILINE)
    of_up = without_log_level(commands_of_up()[name])
    command = shlex.split(line.replace("%%", "%"))
    assert command == ["127.0.0.1" if word == "0.0.0.0" else word for word in of_up]
    if name in {"worker", "fetcher"}:
        assert "Environment=REMAP_SIGTERM=SIGQUIT" in unit


@pytest.mark.parametrize("name", ["worker", "fetcher"])
def test_a_worker_stops_as_under_up(name: str) -> None:
    assert "REMAP_SIGTERM=SIGQUIT" in DOCKERFILE
    grace = re.search(r"stop_grace_period: (\d+)s", services()[name])
    assert grace is not None
    assert int(grace[1]) > celery_app.conf.worker_soft_shutdown_timeout


def test_the_servers_are_named_by_the_settings() -> None:
    for name, server in [
        ("DATABASE_URL", "postgres"),
        ("REDIS_URL", "broker"),
        ("CACHE_URL", "cache"),
    ]:
        (url,) = re.findall(rf"^    {name}: (.+)$", COMPOSE, re.MULTILINE)
        assert re.search(rf"[@/]{server}:\d+/", url)
        assert server in services()


# --- What the tasks rely on ---


def test_the_broker_evicts_nothing_and_survives_a_crash() -> None:
    words = " ".join(command_of("broker"))
    assert "--appendonly yes" in words
    assert "--maxmemory-policy noeviction" in words
    assert "broker:/data" in services()["broker"]


def test_the_cache_has_a_limit_and_keeps_nothing() -> None:
    words = " ".join(command_of("cache"))
    assert "--appendonly no" in words
    assert "--maxmemory 128mb --maxmemory-policy allkeys-lru" in words
    assert "volumes:" not in services()["cache"]


def test_postgres_has_pgvector_and_a_volume_where_it_keeps_its_data() -> None:
    assert "image: pgvector/pgvector:pg18" in services()["postgres"]
    assert re.search(r"- postgres:/var/lib/postgresql( |$)", services()["postgres"], re.MULTILINE)


def test_nothing_starts_before_the_tables_are_there() -> None:
    anchor = COMPOSE[COMPOSE.index("&after-migrate") : COMPOSE.index("\nservices:\n")]
    assert re.search(r"migrate:\n\s+condition: service_completed_successfully", anchor)
    for name in ("web", "worker", "fetcher", "scheduler"):
        assert "depends_on" not in services()[name]  # it has the common one
    shell, flag, script = command_of("migrate")
    assert (shell, flag) == ("sh", "-c")
    assert script.startswith("python manage.py migrate --no-input && ")
    assert "make_topics(); make_sources()" in script
    assert seed.make_topics and seed.make_sources  # of papers.ingest.seed, as the script imports
    assert 'restart: "no"' in services()["migrate"]


def test_each_service_is_watched_or_says_why_not() -> None:
    assert "/healthz" in DOCKERFILE[DOCKERFILE.index("HEALTHCHECK") :]
    for name, text in services().items():
        if name != "web":  # it has the image's
            assert "healthcheck:" in text, name
        if "disable: true" in text:
            assert re.search(r"disable: true # \w", text), name


def test_only_the_proxy_with_tls_is_open_to_the_world() -> None:
    ports = {
        name: re.findall(r"^ +- \"(\S+:\d+)(?:/udp)?\"", text, re.M)
        for name, text in services().items()
    }
    assert {name: of for name, of in ports.items() if of} == {
        "web": ["127.0.0.1:8000:8000"],
        "tls": ["80:80", "443:443", "443:443"],
    }
    assert "profiles: [tls]" in services()["tls"]


def test_each_container_is_bounded_and_has_no_rights_of_root() -> None:
    bounded = COMPOSE[COMPOSE.index("&bounded") : COMPOSE.index("\nx-site:")]
    for words in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "mem_limit: "):
        assert words in bounded
    assert re.search(r"max-size: \d+m, max-file:", bounded)
    assert "<<: *bounded" in COMPOSE[COMPOSE.index("&site") : COMPOSE.index("\nservices:\n")]
    for name, text in services().items():
        assert re.search(r"<<: \*(site|bounded)$", text, re.M), name
    for name in ("postgres", "broker", "cache"):
        assert re.search(r"user: \"\d+:\d+\"", services()[name]), name


# --- The image ---


def test_the_image_runs_as_nobody_in_particular() -> None:
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    assert users == ["10001:10001"]  # by number, so that an orchestrator sees that it is not root
    assert DOCKERFILE.rindex("\nUSER ") < DOCKERFILE.rindex("\nCMD ")


def test_the_packages_are_those_of_the_lock_file() -> None:
    assert "--require-hashes -r /requirements.txt" in DOCKERFILE


def test_the_image_holds_every_part_and_no_secret() -> None:
    copied = set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE))
    parts = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert copied == parts | {"templates", "static"}
    let_in = set(re.findall(r"^!(\w+)$", IGNORED, re.MULTILINE))
    assert let_in == copied
    assert IGNORED.splitlines()[1] == "*"
