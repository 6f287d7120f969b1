"""What a plugin says about itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Introduces a plugin: its name, its version, and what it does in a sentence."""

    name: str
    version: str
    summary: str
