"""A query process as its parent sees it: start, one request at a time, clock, and end.

A process is started with the name of an opening function and its argument. The function opens what it needs and returns
the handler of requests; only then the limits are set (address space, descriptors, processor time), so that nothing a
request says can open a file or a connection. Parent and process exchange frames over a pair of sockets; a pipe that
only the parent holds open ends the process when the parent is gone, for whatever reason. `child` is the inside of one.

Everything but starting and ending runs in one event loop, so nothing here needs a lock.
"""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from typing import Final

from publisher.errors import (
    CannotRunError,
    CpuLimitError,
    EngineCrashError,
    MemoryLimitError,
    PublisherError,
    UnanswerableError,
    UnavailableError,
)
from publisher.sparql.engine import Limits, always, format_bytes
from publisher.sparql.workers.clock import processor_clock
from publisher.sparql.workers.frames import CHUNK, DATA, HEAD, LENGTH
from publisher.sparql.workers.spool import Result

START_SECONDS: Final = 30
"""A process that is not ready by then has failed: it only opens a store."""
CRASHES: Final = {-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE}
"""Exit codes of a process that its query crashed; other signals come from outside."""
_WORDS: Final = bytes(code for code in range(256) if code > 127 or chr(code).isalnum() or chr(code) in "_- \t\r\n")
"""What an outline omits: words, numbers and space; what is left is the punctuation."""
_MAIN: Final = "from publisher.sparql.workers.child import main; main()"

Message = bytes
"""The closing message of a request, in JSON."""

logger = logging.getLogger("publisher")


class ProcessEndedError(Exception):
    """The process ended, and its request is not the cause. at_once: right after the request was sent."""

    def __init__(self, *, at_once: bool) -> None:
        super().__init__()
        self.at_once = at_once


class Job:
    """One request. result_limit: bytes. wanted: whether the client still waits. client: whose turn it uses.

    outcome: future of its closing message. worker: the one that has it, if any. result: what that one has sent.
    until: when it is given up, by the loop's clock. has_slot: whether it holds a slot for long requests.
    """

    def __init__(
        self, request: bytes, result_limit: int, wanted: Callable[[], bool] = always, client: str = ""
    ) -> None:
        self.request = request
        self.result_limit = result_limit
        self.wanted = wanted
        self.client = client
        self.outcome: asyncio.Future[Message]
        self.worker: Worker | None = None
        self.result: Result
        self.until = 0.0
        self.has_slot = False
        self._shape: int | None = None
        self._outline: int | None = None

    @property
    def shape(self) -> int:
        """A hash of the request without digits: the same for a query that is sent again with other numbers."""
        if self._shape is None:
            self._shape = hash(self.request.translate(None, b"0123456789"))
        return self._shape

    @property
    def outline(self) -> int:
        """A hash of the request's punctuation: the same for a query that is sent again with other names and values."""
        if self._outline is None:
            self._outline = hash(self.request.translate(None, _WORDS))
        return self._outline

    def fail(self, error: Exception) -> None:
        """End it with an error, unless it has ended."""
        if not self.outcome.done():
            self.outcome.set_exception(error)


class Worker:
    """One query process; it works on one request at a time.

    opener and argument: `module:function`, and what it is called with. descriptors: files and connections that it may
    have open. threads: where large results are written to files.
    jobs: what it has: the first is the one that it works on. served: requests so far. begun and used: the loop's clock
    and the processor's at the start of the last one, seconds.
    Raises OSError where it cannot be started; then nothing stays open.
    """

    def __init__(self, opener: str, argument: str, limits: Limits, descriptors: int, threads: Executor) -> None:
        self.jobs: deque[Job] = deque()
        self.served = 0
        self.begun = self.used = 0.0
        self._limits = limits
        self._threads = threads
        self._ended: Ended
        self._failed = self._spent = self._sending = self._writing = False
        self._unsent = self._received = b""
        self._argument = argument.encode()
        given = {"opener": opener, "descriptors": descriptors}
        given |= {"cpu": limits.cpu, "memory": limits.memory}
        with ExitStack() as opened:
            theirs, self._lifeline = os.pipe()
            on_error = opened.enter_context(ExitStack())
            opened.callback(os.close, theirs)
            on_error.callback(os.close, self._lifeline)
            self._channel, channel = socket.socketpair()
            opened.callback(channel.close)
            on_error.callback(self._channel.close)
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _MAIN, json.dumps(given | {"lifeline": theirs})],
                stdin=channel.fileno(),
                stdout=channel.fileno(),
                stderr=subprocess.PIPE,
                pass_fds=(theirs,),
                bufsize=0,
                env=os.environ | {"RUST_BACKTRACE": "0"},
            )
            on_error.pop_all()
        assert self._process.stderr
        self._stderr = self._process.stderr
        self.processor_seconds = processor_clock(self._process.pid)

    # Starting and ending: in any thread

    def wait_ready(self) -> None:
        """Wait until the process can take requests. Raises CannotRunError where it does not start.

        It gets its argument here: every user of the machine can see the words of a command, whose length is bounded.
        """
        self._channel.settimeout(START_SECONDS)
        try:
            self._channel.sendall(len(self._argument).to_bytes(LENGTH, "big") + self._argument)
            ready = self._channel.recv(HEAD.size)
        except TimeoutError:
            raise CannotRunError(f"A query process was not ready after {START_SECONDS} seconds.") from None
        except ConnectionError:
            ready = b""
        self._channel.setblocking(False)
        if not ready:
            words = (self._stderr.read(CHUNK) or b"").decode(errors="replace").strip()
            raise CannotRunError(f"A query process did not start: {words.rpartition(chr(10))[2][:500]}")

    def exit_error(self, *, at_once: bool) -> PublisherError | ProcessEndedError:
        """Return why the process ended. Waits for its end. at_once: whether it ended right after its request came."""
        words = self._stderr.read(CHUNK) or b""
        code = self._process.wait()
        if code == -signal.SIGXCPU:
            value = self._limits.cpu
            return CpuLimitError(f"Query exceeded the CPU time limit of {value} s.", limit="cpu", value=value)
        if b"memory allocation" in words or b"MemoryError" in words:
            return memory_limit(self._limits)
        if b"total order" in words:
            return UnanswerableError(
                "The engine cannot sort these values: they mix datatypes that have no common order. Sort by STR(…), or "
                "by DATATYPE(…) first."
            )
        if b"panicked" in words:
            logger.error("The query engine failed: %s", words.decode(errors="replace").partition("\n")[0])
            return UnanswerableError("The query engine failed on this query; the error is in the engine.")
        if code in CRASHES:
            detail = "The engine crashed. The usual cause is deep nesting, also by a long chain of operators."
            return EngineCrashError(detail, limit="nesting", value=self._limits.nesting)
        if code > 0:
            logger.error("A query process failed: %s", words.decode(errors="replace"))
            return PublisherError("A query process failed; the log has the cause.")
        return ProcessEndedError(at_once=at_once)

    def kill(self) -> None:
        """Kill the process and close its descriptors. Waits for its end; `leave` comes first."""
        self._process.kill()
        self._process.wait()
        self._channel.close()
        self._stderr.close()
        os.close(self._lifeline)

    # Requests: in the event loop

    @property
    def idle(self) -> bool:
        """Whether it can take a request."""
        return not (self.jobs or self._failed or self._spent) and self.served < self._limits.repeats

    def listen(self, ended: "Ended") -> None:
        """Listen to the process. ended: called when a request ends, or the process without one.

        The outcome is the closing message, EOFError where the process ended, or ResultLimitError or UnavailableError
        where the output is too large or cannot be stored. After an error the worker is of no more use.
        """
        self._ended = ended
        asyncio.get_running_loop().add_reader(self._channel, self._receive)

    def begin(self, jobs: Sequence[Job], now: float) -> None:
        """Start requests, one after the other. now: the loop's clock."""
        self.jobs.extend(jobs)
        self.served += len(jobs)
        for job in jobs:
            job.worker = self
            job.result = Result(job.result_limit)
        self._unsent = b"".join(len(job.request).to_bytes(LENGTH, "big") + job.request for job in jobs)
        self._start_clocks(now)
        self._send()

    def _start_clocks(self, now: float) -> None:
        """Start the clocks of the request that it works on."""
        self.jobs[0].until = now + self._limits.wall
        self.begun = now
        self.used = self.processor_seconds()

    def take_back(self) -> list[Job]:
        """Take back the requests that it has not begun. It has been sent them, so it is of no use after this one."""
        jobs = [self.jobs.pop() for _ in range(len(self.jobs) - 1)]
        self._spent = self._spent or bool(jobs)
        return jobs[::-1]

    def leave(self) -> None:
        """Stop listening."""
        self._failed = True
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._channel)
        loop.remove_writer(self._channel)

    def _receive(self) -> None:
        try:
            received = self._channel.recv(CHUNK)
        except BlockingIOError:
            return
        except ConnectionError:
            received = b""
        if received:
            self._received += received
            self._read_frames()
        else:
            self._fail(EOFError())

    def _fail(self, error: Exception) -> None:
        """Stop listening, and report the error as the outcome of the current request."""
        self.leave()
        self._ended(self, self.jobs[0] if self.jobs else None, error)

    def _read_frames(self) -> None:
        """Take the complete frames and keep the rest."""
        while self.jobs and not (self._failed or self._writing) and len(self._received) >= HEAD.size:
            kind, size = HEAD.unpack_from(self._received)
            end = HEAD.size + size
            if len(self._received) < end:
                return
            data, self._received = self._received[HEAD.size : end], self._received[end:]
            if kind == DATA:
                self._add_data(self.jobs[0].result, data)
                continue
            job = self.jobs.popleft()
            has_next = bool(self.jobs)
            self._ended(self, job, data)
            if has_next and self.jobs:
                self._start_clocks(asyncio.get_running_loop().time())

    def _add_data(self, result: Result, data: bytes) -> None:
        try:
            write = result.add(data)
        except PublisherError as error:
            self._fail(error)
            return
        if write:
            self._write_file(write)

    def _write_file(self, write: Callable[[], object]) -> None:
        """Write to a file in a thread and receive nothing meanwhile: a slow disk delays no other request."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._channel)
        self._writing = True
        loop.run_in_executor(self._threads, write).add_done_callback(self._go_on)

    def _go_on(self, writing: "asyncio.Future[object]") -> None:
        self._writing = False
        error = writing.exception()
        if self._failed:
            return
        if error:
            logger.error("A result cannot be stored in the temporary folder: %s", error)
            self._fail(UnavailableError("The result is too large for the temporary folder of the server at present."))
        else:
            writing.get_loop().add_reader(self._channel, self._receive)
            self._read_frames()

    def _send(self) -> None:
        """Send what the kernel takes: a request may be longer than the socket's buffer."""
        try:
            self._unsent = self._unsent[self._channel.send(self._unsent) :]
        except BlockingIOError:
            pass
        except ConnectionError:  # The process is gone: `_receive` reports it.
            self._unsent = b""
        if self._sending != bool(self._unsent):
            self._sending = not self._sending
            loop = asyncio.get_running_loop()
            loop.add_writer(self._channel, self._send) if self._sending else loop.remove_writer(self._channel)


Ended = Callable[[Worker, Job | None, Message | Exception], None]
"""Takes a worker, the request that has ended, if any, and its outcome."""


def memory_limit(limits: Limits) -> MemoryLimitError:
    """Return the error of a query that exceeded the memory limit."""
    detail = f"Query exceeded the memory limit of {format_bytes(limits.memory)}."
    return MemoryLimitError(detail, limit="memory", value=limits.memory)
