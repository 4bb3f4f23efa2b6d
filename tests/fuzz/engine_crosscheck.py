"""The chunking oracle over every scenario, for every CPython found: `python tests/fuzz/engine_crosscheck.py`.

Needs nothing installed: what the engine takes from other packages it imports on first use, and no scenario uses it.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "fuzz"), str(ROOT / "tests" / "scenarios"), str(ROOT)]

import scenes_hostile  # noqa: E402
import scenes_sessions  # noqa: E402

from xmpp_core.testing.scenario import assert_same_at_every_chunking  # noqa: E402


def main() -> int:
    scenes = (*scenes_sessions.SCENARIOS, *scenes_hostile.SCENARIOS)
    count = sum(assert_same_at_every_chunking(scene, random=1, splits=2)[1] for scene in scenes)
    print(f"CPython {sys.version.split()[0]}: {len(scenes)} scenarios are the same at {count} chunkings")
    return 0


if __name__ == "__main__":
    sys.exit(main())
