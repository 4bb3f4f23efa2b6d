"""Options, marks and skips of the whole suite."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent

# A project of its own, run in an environment of its own (unit/testing/test_sample_project.py).
collect_ignore = ["sample_project"]

settings.register_profile("quick", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("full", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="the same checks, unsampled")
    parser.addoption("--skips-are-failures", action="store_true", help="a skip that is not allowed fails the run")
    parser.addoption("--whole", action="store_true", help="fail when a feature that is to be shown has no test")
    parser.addoption("--features", metavar="FILE", help="write which test shows which feature")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("full" if config.getoption("--full") else "quick")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    known = set((ROOT / "tests" / "data" / "feature_ids.txt").read_text().split())
    shown: dict[str, list[str]] = {}
    for item in items:
        ids = [one for mark in item.iter_markers("feature") for one in mark.args]
        if len(ids) > 3 or not set(ids) <= known:
            raise pytest.UsageError(f"{item.nodeid}: at most three feature ids, and known ones: {ids}")
        for one in ids:
            shown.setdefault(one, []).append(item.nodeid.partition("[")[0])
    target = config.getoption("--features")
    if target:
        lines = [f"{one}: {test}" for one in sorted(shown) for test in dict.fromkeys(shown[one])]
        Path(target).write_text("\n".join(lines) + "\n")
    if config.getoption("--whole"):
        wanted = (ROOT / "tests" / "data" / "feature_ids_shown.txt").read_text().split()
        missing = [one for one in wanted if one not in shown]
        if missing:
            raise pytest.UsageError(f"features without a test: {', '.join(missing)}")


@pytest.fixture(scope="session")
def full(pytestconfig: pytest.Config) -> bool:
    """Whether everything is tried instead of a sample."""
    return bool(pytestconfig.getoption("--full"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared specifications beside the project; without them the test skips, loudly."""
    found = Path(os.environ.get("XMPP_CORE_SHARED", ROOT.parent / "shared"))
    if not (found / "specs").is_dir():
        pytest.skip("shared: the specifications are not beside the project")
    return found


def _allowed() -> dict[str, str]:
    """What may be skipped, by node id, with the reason why."""
    rows = (ROOT / "tests" / "allowed_skips.txt").read_text().splitlines()
    pairs = (row.partition(" : ") for row in rows if row.strip() and not row.startswith("#"))
    return {name.strip(): reason.strip() for name, _, reason in pairs if reason.strip()}


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """With `--skips-are-failures` any skip that is not allowed by name fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not session.config.getoption("--skips-are-failures"):
        return
    allowed = _allowed()
    refused = [report for report in reporter.stats.get("skipped", []) if report.nodeid not in allowed]
    for report in refused:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        reporter.write_line(f"NOT ALLOWED TO SKIP  {report.nodeid}: {reason}")
    if refused:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"skips: {len(terminalreporter.stats.get('skipped', []))}")
