"""Tests are `async` functions: each runs in asyncio and in trio, in memory and over loopback TCP."""

from __future__ import annotations

import gc
import inspect
import logging
from collections.abc import Iterator

import pytest
from loops import LIBRARIES
from networks import Net


@pytest.fixture(params=[f"{library}-{place}" for library in LIBRARIES for place in ("memory", "loopback")])
def net(request: pytest.FixtureRequest) -> Net:
    """Both loops, both networks. Only in memory time is virtual: no deadline may matter to the test."""
    library, _, place = request.param.partition("-")
    return Net(library, memory=place == "memory")


@pytest.fixture(params=LIBRARIES)
def memory(request: pytest.FixtureRequest) -> Net:
    """Both loops, in memory with virtual time."""
    return Net(request.param, memory=True)


@pytest.fixture(params=LIBRARIES)
def loopback(request: pytest.FixtureRequest) -> Net:
    """Both loops, over TCP."""
    return Net(request.param, memory=False)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    [net] = [value for value in arguments.values() if isinstance(value, Net)]
    net.run(lambda: pyfuncitem.obj(**arguments))
    return True


@pytest.fixture(scope="session")
def settled() -> None:
    """What was there before is left out of collections: they take long enough."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def nothing_is_left(settled: None, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What was forgotten, such as a socket or a coroutine, warns when it is collected: now, in its own test."""
    yield
    gc.collect()
    loud = [one.getMessage() for one in caplog.get_records("call") if one.levelno >= logging.ERROR]
    expected = {"the handler of a session failed", "answering for a session failed", "an answer to a request failed"}
    assert set(loud) <= expected, loud
