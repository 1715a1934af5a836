"""Calls that run in threads ahead of the checks that need them."""

import threading

import pytest

from publisher.validation.ahead import Ahead, call_apart, is_any_at_work


def test_a_call_runs_in_another_thread_while_the_caller_works():
    started = threading.Event()
    with Ahead(2) as ahead:
        ahead.begin("call", lambda: (started.set(), threading.current_thread())[1])
        assert started.wait(10)
        thread = ahead.take("call", lambda: None)
    assert thread not in (None, threading.current_thread())


def test_with_one_job_nothing_is_begun():
    with Ahead(1) as ahead:
        ahead.begin("call", lambda: pytest.fail("begun"))
        assert ahead.take("call", lambda: "now") == "now"


def test_a_result_is_taken_once():
    with Ahead(2) as ahead:
        ahead.begin("call", lambda: "begun")
        assert [ahead.take("call", lambda: "again") for _ in range(2)] == ["begun", "again"]


def test_the_error_of_a_call_is_raised_where_its_result_is_taken():
    with Ahead(2) as ahead:
        ahead.begin("call", lambda: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            ahead.take("call", lambda: 0)


def test_calls_that_have_not_begun_are_left_out_at_the_end():
    entered, go = threading.Event(), threading.Event()
    done = []

    def wait() -> None:
        entered.set()
        go.wait(10)

    with Ahead(2) as ahead:
        ahead.begin("first", wait)
        ahead.begin("second", lambda: done.append("second"))
        assert entered.wait(10)
        threading.Timer(0.05, go.set).start()
    assert done == []


def test_an_interrupt_does_not_wait_for_what_is_at_work():
    go = threading.Event()

    def interrupt() -> None:
        with Ahead(2) as ahead:
            ahead.begin("call", lambda: go.wait(60))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert is_any_at_work()
    go.set()


def test_a_call_of_the_main_thread_runs_in_another():
    main = threading.current_thread()
    assert main is threading.main_thread()
    other, inner = call_apart(lambda: (threading.current_thread(), call_apart(threading.current_thread)))
    assert main is not other
    assert other is inner


def test_the_error_of_a_call_apart_is_raised():
    with pytest.raises(ZeroDivisionError):
        call_apart(lambda: 1 // 0)
