"""The checks that guard the suite itself can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent.parent
pytest_plugins = ["pytester"]


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    """A small project with the options and accounting of this one."""
    tests = pytester.mkdir("tests")
    (tests / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (tests / "data").mkdir()
    (tests / "data" / "feature_ids.txt").write_text("AAA-01\nAAA-02\nAAA-03\nAAA-04\n")
    (tests / "data" / "feature_ids_shown.txt").write_text("AAA-01\n")
    (tests / "allowed_skips.txt").write_text(
        "# a remark\ntests/test_it.py::test_allowed : there is a reason\ntests/test_it.py::test_bare : \n"
    )
    pytester.makeini("[pytest]\nmarkers = feature(*ids): features\naddopts = -p no:cacheprovider\n")
    return pytester


def run(suite: pytest.Pytester, source: str, *options: str) -> tuple[int, str]:
    (suite.path / "tests" / "test_it.py").write_text("import pytest\n" + source)
    done = suite.runpytest_subprocess(*options)
    return int(done.ret), done.stdout.str() + done.stderr.str()


@pytest.mark.parametrize(
    ("source", "good"),
    [
        ("def test_a(): pass", True),
        ("@pytest.mark.skip(reason='interop: no server')\ndef test_a(): pass", False),
        ("def test_a(): pytest.skip('no matter')", False),
        ("@pytest.fixture\ndef shared(): pytest.skip('nothing here')\ndef test_a(shared): pass", False),
        ("pytest.skip('the whole file', allow_module_level=True)", False),
        ("def test_allowed(): pytest.skip('x')", True),
        ("def test_bare(): pytest.skip('x')", False),
        ("@pytest.mark.parametrize('n', [1])\ndef test_allowed(n): pytest.skip('x')", False),
    ],
)
def test_a_skip_fails_the_run_unless_it_is_allowed_by_name_with_a_reason(
    suite: pytest.Pytester, source: str, good: bool
) -> None:
    # A second file keeps the run from being one without tests.
    (suite.path / "tests" / "test_other.py").write_text("def test_other(): pass\n")
    code, said = run(suite, source, "--skips-are-failures")
    assert (code == 0) is good
    assert ("NOT ALLOWED TO SKIP" in said) is not good
    code, said = run(suite, source)
    assert code == 0
    assert said.count("skips: ") == 1


@pytest.mark.parametrize(
    ("ids", "good"),
    [("'AAA-01'", True), ("'AAA-01', 'AAA-02', 'AAA-03', 'AAA-04'", False), ("'BBB-01'", False), ("'AAA-02'", None)],
)
def test_feature_ids_are_known_and_few_and_none_is_forgotten(
    suite: pytest.Pytester, ids: str, good: bool | None
) -> None:
    source = f"@pytest.mark.feature({ids})\ndef test_a(): pass"
    code, _ = run(suite, source)
    assert (code == 0) is (good is not False)
    code, said = run(suite, source, "--whole", "--features", "out.txt")
    assert (code == 0) is (good is True)
    if good is None:
        assert "features without a test: AAA-01" in said
    if good:
        assert (suite.path / "out.txt").read_text() == "AAA-01: tests/test_it.py::test_a\n"
