"""The access log: complete lines, without addresses and texts of visitors, and no request waits for it."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.asgi_client import Client, OpenApp
from support.each import each
from support.waiting import eventually

from publisher.errors import CannotRunError
from publisher.web import access_log
from publisher.web.access_log import AccessLog, describe_exchange, truncate_address
from publisher.web.exchanges import Exchange

SECRET = "SELECT (1 AS ?secret) {}"
EXCHANGE = Exchange(
    "GET", "/sparql", "query=secret", "192.0.2.57", "agent", 200, 9, "gzip", "0123456789abcdef", 0.1, 0.2, True
)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@each(
    ("address", "network"),
    [
        ("192.0.2.57", "192.0.2.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("::ffff:192.0.2.57", "192.0.2.0"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_address_is_truncated_to_network(address: str, network: str) -> None:
    assert truncate_address(address) == network


def test_line_has_no_text_of_visitor_by_default() -> None:
    members = describe_exchange(1767312000.5, EXCHANGE, full=False)
    assert (members["client"], members["release"], members["time"]) == (
        "192.0.2.0",
        "0123456789ab",
        "2026-01-02T00:00:00.500+00:00",
    )
    assert "secret" not in json.dumps(members)
    assert "agent" not in json.dumps(members)


def test_query_string_that_was_encoded_as_path_is_left_out() -> None:
    exchange = EXCHANGE._replace(path="/sparql%3Fquery=secret")
    assert describe_exchange(0, exchange, full=False)["path"] == "/sparql"
    assert describe_exchange(0, exchange, full=True)["path"] == exchange.path


def test_full_line_adds_address_query_and_agent() -> None:
    members = describe_exchange(0, EXCHANGE, full=True)
    assert (members["client"], members["query"], members["agent"]) == ("192.0.2.57", "query=secret", "agent")


@pytest.mark.parametrize("full", [False, True])
def test_requests_are_logged_without_cookies(
    app: OpenApp, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    log = AccessLog(str(tmp_path / "log"), full=full)
    monkeypatch.setattr(app.application, "recorders", [log])
    headers = {"Cookie": "cookie-value", "Referer": "https://referer.example/", "Authorization": "token-value"}
    client.get("/sparql", query_string={"query": SECRET}, headers=headers)
    client.post("/sparql", data={"query": SECRET}, headers=headers)
    client.get('/x"\r\n{"fake": 1}', headers=headers)
    log.close()
    found = lines(tmp_path / "log")
    assert [(line["method"], line["status"], line["route"]) for line in found] == [
        ("GET", 200, "sparql"),
        ("POST", 200, "sparql"),
        ("GET", 404, "other"),
    ]
    text = (tmp_path / "log").read_text()
    assert not any(word in text for word in ("cookie-value", "referer.example", "token-value"))
    assert ("secret" in text) is full


def test_moved_file_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = AccessLog(str(path), full=False)
    log.record(EXCHANGE)
    assert eventually(path.read_text)
    path.rename(tmp_path / "old")
    log.record(EXCHANGE)
    log.close()
    assert (len(lines(path)), len(lines(tmp_path / "old"))) == (1, 1)


def test_file_that_cannot_be_opened_anew_is_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "access.log"
    log = AccessLog(str(path), full=False)
    log.record(EXCHANGE)
    assert eventually(lambda: lines(path))
    path.rename(tmp_path / "access.log.1")
    path.mkdir()
    log.record(EXCHANGE)
    assert eventually(lambda: "cannot be written" in caplog.text)
    path.rmdir()
    log.record(EXCHANGE)
    assert eventually(path.exists)
    log.close()
    assert [line.get("lines_left_out", line.get("status")) for line in lines(path)] == [200, 1]


def test_standard_output_gets_lines(capsys: pytest.CaptureFixture[str]) -> None:
    log = AccessLog("-", full=False)
    log.record(EXCHANGE)
    log.close()
    assert json.loads(capsys.readouterr().out)["status"] == 200


def test_full_queue_drops_lines_and_counts_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "WAITING", 3)
    log = AccessLog(str(tmp_path / "log"), full=False)
    assert log._handler.lock is not None
    with log._handler.lock:  # The thread waits, as for a slow disk.
        for _ in range(20):
            log.record(EXCHANGE)
    log.close()
    found = lines(tmp_path / "log")
    assert sum(line.get("lines_left_out", 1) for line in found) == 20
    assert sum("lines_left_out" in line for line in found) >= 1


def test_unwritable_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match="access log"):
        AccessLog(str(tmp_path / "none" / "log"), full=False)


def test_failed_writes_are_reported_once(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    log = AccessLog("/dev/full", full=False)
    for _ in range(3):
        log.record(EXCHANGE)
    log.close()
    assert [record.getMessage()[:32] for record in caplog.records] == ["The access log cannot be written"]
    assert "Traceback" not in capfd.readouterr().err
