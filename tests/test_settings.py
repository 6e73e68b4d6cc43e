"""Settings stop the start with one line, or are right; reading them starts nothing."""

import os
import re
import runpy
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.test import RequestFactory, override_settings

ROOT = Path(__file__).resolve().parents[1]
SOURCE = (ROOT / "config" / "settings.py").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
COMPOSE = (ROOT / "docker-compose.yml").read_text()
STRONG_KEY = "Tj2-of-no-use-elsewhere-0qZx8Wv4Lr1Yb7Nd3Kc9Hg5Sf6Am-%"


def manage(*arguments: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=dict(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def read_settings(monkeypatch: pytest.MonkeyPatch, **variables: str) -> dict[str, Any]:
    """The settings of a process with these variables, read in this one."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "config" / "settings.py"))


# --- What is documented ---


def read_by_settings() -> set[str]:
    return set(re.findall(r"""(?:env\.\w+\(|service_url\(env,)\s*["'](\w+)["']""", SOURCE))


def documented() -> dict[str, str]:
    return dict(re.findall(r"^#?([A-Z][A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))


def test_the_example_names_exactly_what_is_read() -> None:
    by_compose = set(re.findall(r"\$\{(\w+)", COMPOSE))
    assert documented().keys() == read_by_settings() | by_compose


def test_each_setting_of_the_example_is_explained() -> None:
    for name in documented():
        before = EXAMPLE[: EXAMPLE.index(f"#{name}=")].rstrip("\n").splitlines()
        assert before[-1].startswith("#"), f"{name} stands alone"


def test_the_example_changes_nothing_until_edited() -> None:
    assert not [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")]


@pytest.mark.processes
def test_what_the_example_shows_would_do(tmp_path: Path) -> None:
    edited = tmp_path / "env"
    shown = documented() | {"DATA_DIR": str(tmp_path / "data")}
    edited.write_text("".join(f"{name}={value}\n" for name, value in shown.items() if value))
    ours = {name: value for name, value in os.environ.items() if name not in shown}
    run = manage("check", env=ours | {"ENV_FILE": str(edited)})
    assert run.returncode == 0, run.stderr


# --- What is refused ---


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE_URL", "foo"),
        ("SITE_URL", "ftp://papers.example.org"),
        ("SITE_URL", "https://"),
        ("SITE_URL", "https://papers.example.org:port"),
        ("SITE_URL", "https://[::1"),
        ("DATABASE_URL", "garbage"),
        ("DATABASE_URL", "mysql://me@localhost/papers"),
        ("DATABASE_URL", "sqlite:///papers.db"),
        ("DATABASE_URL", "postgres://localhost:port/papers"),
        ("REDIS_URL", "foo"),
        ("REDIS_URL", "http://localhost"),
        ("REDIS_URL", "redis://localhost:port/0"),
        ("CACHE_URL", "foo"),
        ("CACHE_URL", "redis://localhost:port/1"),
        ("EMAIL_URL", "foo"),
        ("EMAIL_URL", "ftp://mail.example.org"),
        ("EMAIL_URL", "smtp://"),
        ("EMAIL_URL", "smtp://mail.example.org:port"),
        ("EMAIL_URL", "smtp://[::1"),
        ("EMAIL_URL", "anymail+pigeon://key"),
        ("DEFAULT_FROM_EMAIL", "nobody"),
        ("CONTACT_EMAIL", "nobody"),
        ("RETURN_PATH", "bounce@papers.example.org"),
        ("RETURN_PATH", "bounce+{token}"),
        ("EMBEDDING_MODEL", "no/such/folder"),
        ("EMBEDDING_MODEL", "Encoder"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TIME_ZONE", "../etc"),
        ("LOG_LEVEL", "loud"),
        ("HSTS", "yes"),
        ("DEBUG", "maybe"),
        ("FETCH_ALLOW_PRIVATE", "maybe"),
        ("TRUSTED_PROXY_COUNT", "x"),
        ("TRUSTED_PROXY_COUNT", "-1"),
        ("MAIL_CONNECTIONS", "some"),
        ("MAIL_CONNECTIONS", "0"),
        ("MAIL_RATE", "fast"),
        ("MAIL_RATE", "-1"),
        ("MEDIA_BUDGET", "much"),
        ("MEDIA_BUDGET", "2 GB"),
        ("MEDIA_STORAGE", "s3://papers"),
        ("MEDIA_STORAGE", '["storages"]'),
        ("EXPECTED_SCORE", "some"),
        ("PICTURES", "some"),
        ("SWEEP_SECONDS", "often"),
        ("SWEEP_SECONDS", "0"),
        ("DATA_DIR", "/proc/trending-papers"),  # nobody can write there, root included
        ("DATA_DIR", f"{ROOT}/manage.py"),
    ],
)
def test_a_wrong_value_stops_with_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        read_settings(monkeypatch, **{"SECRET_KEY": "", name: value})
    (line,) = str(stopped.value.code).splitlines()  # a text: printed, and the exit code is 1
    assert name in line


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        (("check",), "DATABASE_URL", "garbage"),
        (("up", "--port", "0"), "TIME_ZONE", "Mars/Olympus"),
    ],
)
@pytest.mark.processes
def test_every_command_reads_them_before_anything_else(
    command: tuple[str, ...], name: str, value: str
) -> None:
    run = manage(*command, env=os.environ | {name: value})
    assert run.returncode != 0
    (line,) = run.stderr.splitlines()
    assert name in line
    assert "Traceback" not in run.stdout
    assert "Ready" not in run.stdout


# --- What is started ---


@pytest.mark.processes
def test_reading_them_starts_nothing(tmp_path: Path) -> None:
    fresh = os.environ | {"DATA_DIR": str(tmp_path), "SECRET_KEY": ""}
    assert manage("check", env=fresh).returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {"secret-key"}
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert not [
        process.info["cmdline"]
        for process in psutil.process_iter(["cmdline"])
        if str(tmp_path) in " ".join(process.info["cmdline"] or [])
    ]


def test_the_secret_key_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fresh = {"DATA_DIR": str(tmp_path), "SECRET_KEY": ""}
    key = read_settings(monkeypatch, **fresh)["SECRET_KEY"]
    assert len(key) >= 50
    assert (tmp_path / "secret-key").read_text() == key
    assert read_settings(monkeypatch, **fresh)["SECRET_KEY"] == key


# --- What production needs ---


@pytest.mark.processes
def test_production_settings_leave_django_nothing_to_say() -> None:
    run = manage(
        *("check", "--deploy", "--fail-level", "WARNING"),
        env=os.environ
        | {
            "SITE_URL": "https://papers.example.org",
            "SECRET_KEY": STRONG_KEY,
            "ALLOWED_HOSTS": "",
            "TRUSTED_PROXY_COUNT": "1",
            "EMAIL_URL": "smtp://user:password@mail.example.org:587",
        },
    )
    assert run.returncode == 0, run.stderr


def test_http_has_no_secure_cookies() -> None:
    assert settings.SITE_URL == "http://testserver"
    assert not settings.SESSION_COOKIE_SECURE
    assert not settings.SECURE_SSL_REDIRECT
    assert settings.SECURE_HSTS_SECONDS == 0


@pytest.mark.parametrize(
    ("site_url", "hsts", "header"),
    [
        ("https://papers.example.org", "", "max-age=31536000"),
        ("https://papers.example.org", "on", "max-age=31536000"),
        ("https://papers.example.org", "off", None),
        ("https://papers.example.org", "subdomains", "max-age=31536000; includeSubDomains"),
        ("https://papers.example.org", "preload", "max-age=31536000; includeSubDomains; preload"),
        ("http://papers.example.org", "preload", None),
    ],
)
def test_subdomains_and_preload_are_only_promised_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, site_url: str, hsts: str, header: str | None
) -> None:
    variables = {"SITE_URL": site_url} | ({"HSTS": hsts} if hsts else {})
    read = read_settings(monkeypatch, **variables)
    names = [name for name in read if name.startswith("SECURE_HSTS")]
    with override_settings(**{name: read[name] for name in names}):
        middleware = SecurityMiddleware(lambda _: HttpResponse())
        response = middleware(RequestFactory().get("/", secure=True))
    assert response.headers.get("Strict-Transport-Security") == header
