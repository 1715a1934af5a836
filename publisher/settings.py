"""Settings: one frozen value, from the environment and the options of the command."""

import ipaddress
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from publisher.errors import CannotRunError
from publisher.suggestions import suggest

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

ENVIRONMENT_PREFIX = "PUBLISHER_"


MIB_PER_TIB: Final = 1 << 20
DAY: Final = 86_400
_FIELD: Final = r"x-forwarded-(for|proto|host|prefix)"
_OF_TESTS: Final = ("TESTS_", "W3C_")
_URL: Final = r"https?://[\w.~:\[\]-]+(/[\w.~:@%!$&'()*+,;=-]*)*"
_MAIL: Final = r"[\w.+-]+@[\w-]+(\.[\w-]+)+"
_PASSWORD: Final = re.compile(r"//[^/\s]*@")
_ENDPOINT: Final = rf"{_URL}(\?[\w.~:@%!$&'()*+,;=/?-]*)?"


def _row(default: Any, sentence: str, low: int = 0, high: int = 0, *, form: str = "", wanted: str = "") -> Any:
    """A setting. low, high: the bounds of a number. form: what a text must match unless it is empty; wanted: this in
    words."""
    bounds = {"low": low, "high": high, "form": form, "wanted": wanted}
    return field(default=default, metadata={"sentence": sentence, **bounds})


@dataclass(frozen=True)
class Settings:
    """Every setting. Each can be set in the environment as PUBLISHER_<NAME>; some are options of the command too."""

    root: str = _row(
        "", "Folder with ontology/, data/ and shapes/; empty: the nearest one upward, else the packaged copy."
    )
    host: str = _row("127.0.0.1", "Address that the server listens on.")
    port: int = _row(8000, "Port that the server listens on; 0 picks a free one.", 0, 65_535)
    public_url: str = _row(
        "",
        "Address under which visitors reach the server: with https where a proxy does TLS, and with a sub-path where "
        "there is one; empty: the address that is requested.",
        form=_URL,
        wanted="an http or https URL without a query",
    )
    contact: str = _row(
        "",
        "E-mail address or URL for questions and corrections, shown on every page; empty: the pages say that none is "
        "stated.",
        form=rf"{_MAIL}|{_ENDPOINT}",
        wanted="an e-mail address, or an http or https URL",
    )
    issue_url: str = _row(
        "",
        "Address of the form for new issues of the project; corrections fill in its parameters `title` and `body`.",
        form=_ENDPOINT,
        wanted="an http or https URL",
    )
    project_url: str = _row(
        "",
        "Address of the project that keeps the data and the software, linked from every page.",
        form=_URL,
        wanted="an http or https URL without a query",
    )
    trusted_proxies: str = _row(
        "",
        "Addresses and networks of proxies whose forwarded header fields count, separated by spaces; empty: none.",
    )
    forwarded_fields: str = _row(
        "X-Forwarded-For X-Forwarded-Proto",
        "The header fields that count: of `X-Forwarded-For`, `-Proto`, `-Host` and `-Prefix` those that each trusted "
        "proxy sets or removes, or `Forwarded` (RFC 7239).",
        form=rf"({_FIELD}|forwarded)(\s+{_FIELD})*",
        wanted="names of forwarded header fields, separated by spaces, and `Forwarded` the first if at all",
    )
    store_dir: str = _row("", "Folder for compiled releases; empty: the user's cache folder.")
    endpoint: str = _row(
        "",
        "SPARQL endpoint that has the statements and answers the queries; empty: the engine in this program.",
        form=_ENDPOINT,
        wanted="an http or https URL without user and password, which are settings of their own",
    )
    endpoint_user: str = _row("", "User name at the endpoint, sent if it asks for one; empty: none.")
    endpoint_password: str = _row("", "Password at the endpoint.")
    endpoint_token: str = _row("", "Bearer token for the endpoint, sent with every request; empty: none.")
    endpoint_seconds: int = _row(5, "Time in which the endpoint has to answer a look-up of a page, in seconds.", 1, DAY)
    endpoint_check_seconds: int = _row(
        600, "Time between two complete checks that the endpoint has the release, in seconds.", 1, DAY
    )
    proxy: str = _row(
        "",
        "Proxy for requests to other endpoints; empty: none, whatever the system's variables say.",
        form=_URL,
        wanted="an http or https URL without a query",
    )
    download_statements: int = _row(
        100_000,
        "Number of statements from which a release has only N-Quads as downloads: making the other files takes up to "
        "ten times as long as all else, and memory that grows with the data.",
        0,
        10**12,
    )
    releases_kept: int = _row(
        2, "Number of former releases of the root that stay in the folder after a start or a reload.", 0, 10_000
    )
    query_workers: int = _row(
        2, "Number of long queries that run at the same time; as many processes again run short ones.", 1, 256
    )
    query_waiting: int = _row(
        24, "Number of long queries that may queue; further ones get status 503. Short ones are not counted.", 0, 10_000
    )
    query_seconds: int = _row(10, "Wall-clock limit of one query, in seconds.", 1, DAY)
    query_cpu_seconds: int = _row(10, "Limit of the processor time of one query, in seconds.", 1, DAY)
    query_memory_mb: int = _row(
        512, "Memory limit of one query, in MiB, beyond what its process starts with.", 1, MIB_PER_TIB
    )
    query_result_mb: int = _row(128, "Size limit of one result, in MiB.", 1, MIB_PER_TIB)
    query_length_kb: int = _row(512, "Size limit of one request to the endpoint, in KiB.", 1, 1 << 20)
    query_nesting: int = _row(64, "Maximum nesting depth of the brackets in a query.", 1, 1000)
    query_services: str = _row(
        "",
        "Endpoints that queries may call with SERVICE, separated by spaces; empty: none.",
        form=rf"{_ENDPOINT}(\s+{_ENDPOINT})*",
        wanted="http or https URLs separated by spaces",
    )
    query_repeats: int = _row(100_000, "Number of queries after which a query process is replaced.", 1, 10**9)
    uncontained_queries: int = _row(
        0, "1 allows queries where the platform cannot limit them; 0 refuses them there.", 0, 1
    )
    open_releases: int = _row(2, "Number of past releases that are open at the same time.", 1, 100)
    cache_mb: int = _row(64, "Memory for cached responses, in MiB; 0 disables the cache.", 0, MIB_PER_TIB)
    page_threads: int = _row(4, "Number of threads that answer requests other than queries.", 1, 1024)
    client_percent: int = _row(
        25,
        "Percentage of all connections, requests in progress and bytes held that one client may have; further requests "
        "get status 429. Of IPv6 a network of 64 bits is one client; trusted proxies are none.",
        1,
        100,
    )
    metrics: str = _row(
        "",
        "Address (HOST:PORT) on which metrics for Prometheus are served, never on that of the pages; empty: none.",
        form=r"([\w.-]+|\[[0-9a-f:.]+\]):[0-9]{1,5}",
        wanted="a host and a port, such as 127.0.0.1:9464",
    )
    access_log: str = _row(
        "", "File for the access log, a line of JSON for each request; `-` for standard output; empty: none."
    )
    access_log_full: int = _row(
        0, "1 adds the full address of clients, query strings and User-Agent to the access log.", 0, 1
    )
    static_copy: int = _row(
        0,
        "1 leaves out what a static copy without a server cannot answer: links to queries, forms, filtered and sorted "
        "lists and past releases, and the endpoint in the catalogue; 2 keeps the links to past releases.",
        0,
        2,
    )
    incoming: int = _row(100, "Number of incoming statements that one page of a description lists.", 1, 1_000_000)

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the environment (os.environ unless given). Raises CannotRunError on a value of the wrong type."""
        found = os.environ if environment is None else environment
        values = {
            row.name: _value(row, found[ENVIRONMENT_PREFIX + row.name.upper()])
            for row in fields(cls)
            if ENVIRONMENT_PREFIX + row.name.upper() in found
        }
        return cls(**values)

    def having(self, **options: Any) -> "Settings":
        """A copy with the options given; those that are None are left as they are."""
        return replace(self, **{name: value for name, value in options.items() if value is not None})

    def check(self) -> "Settings":
        """Return these settings if every value is within its bounds. Raises CannotRunError, which names the setting."""
        for row in fields(self):
            _check_value(row, getattr(self, row.name))
        self.proxies()
        return self

    def proxies(self) -> Sequence[Network]:
        """The trusted proxies. Raises CannotRunError where an entry is neither an address nor a network."""
        found: list[Network] = []
        for text in re.split(r"[\s,]+", self.trusted_proxies.strip()):
            try:
                found += [ipaddress.ip_network(text)] if text else []
            except ValueError:
                row = next(row for row in fields(self) if row.name == "trusted_proxies")
                raise _refuse(row, text, "an IP address, or a network such as 10.0.0.0/8") from None
        return found

    def metrics_address(self) -> tuple[str, int]:
        """The host and the port of the metrics. Raises CannotRunError where the pages have the same port."""
        host, _, port = self.metrics.strip().rpartition(":")
        if int(port) and int(port) == self.port:
            row = next(row for row in fields(self) if row.name == "metrics")
            raise _refuse(row, self.metrics, "another port than that of the pages")
        return host.strip("[]"), int(port)

    def store_folder(self) -> Path:
        """The folder in which compiled releases are kept (XDG Base Directory Specification).

        Raises CannotRunError where the user has no home folder.
        """
        if self.store_dir:
            return Path(self.store_dir)
        if folder := cache_folder("releases"):
            return folder
        name = ENVIRONMENT_PREFIX + "STORE_DIR"
        raise CannotRunError(f"This user has no home folder; set {name} to a folder for compiled releases.")


def cache_folder(name: str) -> Path | None:
    """The folder of a cache of the user (XDG Base Directory Specification); None where the user has no home folder."""
    cache = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(cache) if cache else Path.home() / ".cache") / "ma-coalitions" / name
    except RuntimeError:
        return None


@dataclass(frozen=True)
class Surroundings:
    """Where a command runs, from the environment.

    github_actions: whether in a job of GitHub Actions. step_summary: the file for the summary of its step, empty for
    none. project: the folder of the repository in a CI job, empty elsewhere. no_color: whether colors are disabled
    (no-color.org). ci: whether in a job of a CI system.
    """

    github_actions: bool = False
    step_summary: str = ""
    project: str = ""
    no_color: bool = False
    ci: bool = False

    @classmethod
    def read(cls) -> "Surroundings":
        """Read os.environ."""
        found = os.environ
        on_github = found.get("GITHUB_ACTIONS") == "true"
        summary = found.get("GITHUB_STEP_SUMMARY", "") if on_github else ""
        project = found.get("GITHUB_WORKSPACE", "") if on_github else ""
        project = found.get("CI_PROJECT_DIR", "") if found.get("GITLAB_CI") == "true" else project
        no_color = bool(found.get("NO_COLOR")) or found.get("TERM") == "dumb"
        return cls(on_github, summary, project, no_color, found.get("CI", "").lower() not in ("", "0", "false"))


def _value(row: Field[Any], text: str) -> Any:
    """The value that a text of the environment stands for. Raises CannotRunError where it must be a number."""
    if isinstance(row.default, str):
        return text.strip() if row.metadata["form"] else text
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise _refuse(row, text, f"a whole number, at least {row.metadata['low']}")
    return int(text)


def _check_value(row: Field[Any], value: Any) -> None:
    """Raise CannotRunError where a value is out of bounds or has another form."""
    rule = row.metadata
    if rule["high"] and not rule["low"] <= value <= rule["high"]:
        raise _refuse(row, value, f"at least {rule['low']} and at most {rule['high']}")
    if not rule["form"] or not value.strip():
        return
    if not re.fullmatch(rule["form"], value.strip(), re.ASCII | re.IGNORECASE):
        raise _refuse(row, value, rule["wanted"])
    if not all(map(_can_exist, value.split())):
        raise _refuse(row, value, f"{rule['wanted']}, with a host and a port that can exist")


def _can_exist(address: str) -> bool:
    """Whether the host and the port of an address can exist: brackets are closed, the port is at most 65535."""
    try:
        _ = urlsplit(address if "//" in address else f"//{address}").port
    except ValueError:
        return False
    return True


def _refuse(row: Field[Any], value: Any, wanted: str) -> CannotRunError:
    name = ENVIRONMENT_PREFIX + row.name.upper()
    value = _PASSWORD.sub("//...@", value) if isinstance(value, str) else value
    return CannotRunError(f"{name} is {value!r}; it must be {wanted}. {row.metadata['sentence']}")


def find_unknown(environment: Mapping[str, str] | None = None) -> list[str]:
    """A sentence for each variable with our prefix that is not a setting, in the environment (os.environ unless given).

    Those of the tests are left out.
    """
    found = os.environ if environment is None else environment
    known = [name.upper() for name, _, _ in rows()]
    sentences = []
    for variable in sorted(found):
        name = variable.removeprefix(ENVIRONMENT_PREFIX)
        if name != variable and name not in known and not name.startswith(_OF_TESTS):
            near = suggest(name, known)
            meant = f" Did you mean {ENVIRONMENT_PREFIX}{near[0]}?" if near else ""
            sentences.append(f"{variable} is not a setting.{meant}")
    return sentences


def rows() -> list[tuple[str, Any, str]]:
    """Every setting as (name, default, sentence), for help and documentation."""
    return [(row.name, row.default, row.metadata["sentence"]) for row in fields(Settings)]
