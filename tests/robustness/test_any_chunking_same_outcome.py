"""However the network cuts what arrives, events, elements, output and the end are the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import scenes_hostile
import scenes_sasl2
import scenes_sessions

from xmpp_core.testing.scenario import Scenario, assert_same_at_every_chunking

pytestmark = pytest.mark.heavy

REGISTERED = (scenes_hostile, scenes_sasl2, scenes_sessions)
SCENARIOS: tuple[Scenario, ...] = sum((module.SCENARIOS for module in REGISTERED), ())
SCENES = Path(__file__).parent.parent / "scenarios"


def test_every_file_of_scenarios_is_registered() -> None:
    assert {path.stem for path in SCENES.glob("scenes_*.py")} == {module.__name__ for module in REGISTERED}
    assert len({one.name for one in SCENARIOS}) == len(SCENARIOS)
    assert len(SCENARIOS) > 300


@pytest.mark.feature("ENG-03", "XML-02")
@pytest.mark.parametrize("scene", SCENARIOS, ids=lambda scene: scene.name)
def test_the_same_at_every_chunking(scene: Scenario, full: bool) -> None:
    outcome, count = assert_same_at_every_chunking(scene, random=50 if full else 4, splits=None if full else 8)
    assert not outcome.changed
    assert count >= 6 if scene.octets > 2 else count == 2 + (50 if full else 4)
