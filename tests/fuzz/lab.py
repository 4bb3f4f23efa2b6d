"""What a real server in the lab is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Lab:
    """Where the server is and who may log in."""

    host: str
    domain: str
    ports: dict[str, int]
    users: dict[str, str]
    ca: Path
