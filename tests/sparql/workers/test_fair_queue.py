"""The fair queue: clients in turn, and a bound that the greediest client pays for."""

from publisher.sparql.workers.fair_queue import Expected, FairQueue


class Waiting(FairQueue[str]):
    """Requests that wait, by name; the first letter is the client. rejected: in order."""

    def __init__(self, most: int = 100) -> None:
        super().__init__(most)
        self.rejected: list[str | None] = []

    def join(self, *names: str, expected: Expected = Expected.LONG, urgent: bool = False) -> None:
        self.rejected += filter(None, [self.add(name, name[0], expected, urgent=urgent) for name in names])

    def serve(self, times: int) -> list[str | None]:
        return [self.pop() for _ in range(times)]


def test_one_client_is_served_in_order() -> None:
    waiting = Waiting()
    waiting.join("a1", "a2", "a3")
    assert waiting.serve(4) == ["a1", "a2", "a3", None]


def test_clients_are_served_in_turn() -> None:
    waiting = Waiting()
    waiting.join(*(f"a{number}" for number in range(40)), "b1", "c1", "b2")
    assert waiting.serve(6) == ["a0", "b1", "c1", "a1", "b2", "a2"]


def test_urgent_request_is_first_and_never_rejected() -> None:
    waiting = Waiting(2)
    waiting.join("a1", "b1")
    waiting.join("a2", urgent=True)
    assert waiting.rejected == []
    assert waiting.serve(3) == ["a2", "a1", "b1"]


def test_full_queue_rejects_client_with_most_requests() -> None:
    waiting = Waiting(4)
    waiting.join("a1", "a2", "a3", "a4", "a5")
    assert waiting.rejected == ["a5"]
    waiting.join("b1")
    assert waiting.rejected == ["a5", "a4"], "the newest of the greediest client made room"
    waiting.join("b2", "c1")
    assert waiting.rejected == ["a5", "a4", "a3", "a2"]
    assert waiting.serve(5) == ["a1", "b1", "c1", "b2", None]


def test_requests_that_are_not_long_are_first_of_their_client_and_not_bounded() -> None:
    waiting = Waiting(2)
    waiting.join("a1", "a2", "a3")
    waiting.join("a4", "a5", "a6", expected=Expected.UNKNOWN)
    waiting.join("a7", expected=Expected.SHORT)
    waiting.join("b1")
    assert waiting.rejected == ["a3", "a2"]
    waiting.join("b2", expected=Expected.UNKNOWN)
    assert waiting.serve(8) == ["a7", "b2", "a4", "b1", "a5", "a6", "a1", None]


def test_removed_request_keeps_order_of_others() -> None:
    waiting = Waiting(3)
    waiting.join("a1", "a2", "b1")
    waiting.join("c1", urgent=True)
    for name in ("a1", "b1", "c1", "never there"):
        waiting.remove(name, name[0])
    assert len(waiting) == 1
    waiting.join("a3", "a4")
    assert waiting.rejected == []
    assert waiting.serve(4) == ["a2", "a3", "a4", None]


def test_client_kept_back_is_passed_over() -> None:
    waiting = Waiting()
    waiting.join("a1", "b1", "a2")
    assert waiting.pop(lambda client: client == "a") == "b1"
    assert waiting.pop(lambda client: client == "a") is None
    waiting.join("a3", expected=Expected.SHORT)
    assert waiting.pop(lambda client: client == "a") == "a3"
    waiting.join("c1", urgent=True)
    assert waiting.pop(lambda _client: True) == "c1"
    assert waiting.serve(3) == ["a1", "a2", None]


def test_waiting_requests_are_iterated_without_urgent_ones() -> None:
    waiting = Waiting()
    waiting.join("a1", "b1", "a2")
    waiting.join("a3", urgent=True)
    assert sorted(waiting) == ["a1", "a2", "b1"]
    assert waiting.has("b")
    waiting.remove("b1", "b")
    assert not waiting.has("b")
