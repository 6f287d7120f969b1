"""The program that servers under load have: rules, claims, budgets, tiers, pools."""

from __future__ import annotations

from pathlib import Path
from typing import Final


LADDER: Final = "status"
TIERS: Final = ("bronze", "silver", "gold")

PREFUNDED: Final = "ads"
"""The budget that is paid ahead, and by which reviews are paid."""

POOLS: Final = ("company", "household")

DOCUMENT: Final = """
program: soak
money: {currency: EUR}
units:
  points: {kind: currency}
sinks: [redemption]
partners:
  hotel: {rate: 1}
pools:
  company: {units: [points]}
  household: {units: [points], share: 1/3}
ladders:
  status:
    qualifying: {unit: points}
    period: {kind: ROLLING, length: P12M}
    term: P12M
    tiers:
      - {name: bronze, threshold: 0}
      - {name: silver, threshold: 200}
      - {name: gold, threshold: 1000}
rules:
  purchase:
    activities: [purchase]
    awards:
      - unit: points
        points: {per_money: {each: 100, points: 1}}
        remainder: CARRY
    caps: [daily]
  parcel:
    activities: [parcel]
    awards: [{unit: points, points: {per_quantity: {points: 3}}}]
    pending: {until_event: received, cancel_after: P1D}
  review:
    activities: [review]
    awards: [{unit: points, points: {per_quantity: {points: 2}}}]
    claim: {within: P14D}
    budget: ads
  late:
    activities: [late]
    awards: [{unit: points, points: {per_quantity: {points: 5}}}]
    budget: words
caps:
  daily: {unit: points, window: {each: DAY}, bound: {points: 500}}
budgets:
  ads: {unit: points, prefunded: hotel}
  words: {unit: points, fixed: {points: 2000, per: YEAR}, overflow: QUEUE}
"""


def program_flag(folder: Path) -> str:
    """Writes the document into a folder; returns the flag that names it to a server."""
    path = folder / "soak.yaml"
    path.write_text(DOCUMENT)
    return f"--program={path}"
