"""What a new document would change, in words."""

from __future__ import annotations

from typing import Any

import pytest

from points.program.planning import ChangeKind, plan
from tests.program.build import UNITS, document, rule


def told(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [str(change) for change in plan(document(**old), document(**new)).changes]


def ladder(*tiers: tuple[str, int], **parts: Any) -> dict[str, Any]:
    whole = {
        "qualifying": {"unit": "miles"},
        "period": {"kind": "LIFETIME"},
        "demote": "NONE",
        "tiers": [{"name": name, "threshold": at} for name, at in tiers],
    }
    return {"ladders": {"status": whole | parts}}


def test_the_same_document_changes_nothing() -> None:
    found = plan(document(), document())
    assert found.changes == ()
    assert found.old_digest == found.new_digest


def test_a_default_that_is_written_out_changes_nothing() -> None:
    assert not told({}, {"zone": "UTC", "sinks": []})


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ({}, {"rules": {"r": rule({"fixed": 1})}}, "rule r added"),
        ({"rules": {"r": rule({"fixed": 1})}}, {}, "rule r removed"),
        (
            {"rules": {"r": rule({"fixed": 1})}},
            {"rules": {"r": rule({"fixed": 2})}},
            "rule r altered: awards[0].points.fixed: 1 becomes 2",
        ),
        (
            {"rules": {"r": rule({"fixed": 1})}},
            {"rules": {"r": rule({"fixed": 1}, maximum=5)}},
            "rule r altered: awards[0].maximum: now 5",
        ),
        (
            {"rules": {"r": rule({"fixed": 1}, when="true")}},
            {"rules": {"r": rule({"fixed": 1})}},
            "rule r altered: when: no longer true",
        ),
        (
            {"zone": "UTC"},
            {"zone": "Asia/Tokyo"},
            "program altered: zone: UTC becomes Asia/Tokyo",
        ),
        ({}, {"sinks": ["fee"]}, "sink fee added"),
        ({"sinks": ["fee"]}, {}, "sink fee removed"),
        ({}, {"units": UNITS | {"x": {"kind": "growth"}}}, "unit x added"),
        (
            {"units": UNITS},
            {
                "units": UNITS
                | {"miles": {"kind": "growth", "expiry": {"after": "P6M"}}}
            },
            "unit miles altered: expiry.never: no longer True; expiry.after: now P6M",
        ),
        (ladder(("a", 1)), ladder(("a", 1), ("b", 9)), "tier status/b added"),
        (
            ladder(("a", 1), ("b", 9)),
            ladder(("a", 1), ("b", 7)),
            "tier status/b altered: threshold: 9 becomes 7",
        ),
        (
            ladder(("a", 1), period={"kind": "CALENDAR", "span": "YEAR"}),
            ladder(
                ("a", 1),
                period={"kind": "CALENDAR", "span": "YEAR"},
                promote="NEXT_PERIOD",
            ),
            "ladder status altered: promote: AT_ONCE becomes NEXT_PERIOD",
        ),
        (
            {"caps": {"c": {"window": {"each": "DAY"}, "bound": {"count": 1}}}},
            {
                "caps": {
                    "c": {
                        "window": {"each": "DAY"},
                        "bound": {"count": 1},
                        "per": ["RULE", "MEMBER"],
                    }
                }
            },
            "cap c altered: per: MEMBER becomes RULE, MEMBER",
        ),
        (
            {"units": UNITS},
            {"units": UNITS | {"points": {"kind": "currency"}}},
            "unit points altered: value: no longer points 100, money 100",
        ),
        ({}, {"plugins": {"wheel": {"cost": 5}}}, "plugin wheel added"),
    ],
)
def test_a_change_is_told_in_words(
    old: dict[str, Any], new: dict[str, Any], words: str
) -> None:
    assert told(old, new) == [words]


def test_tiers_that_change_places_are_told() -> None:
    found = told(ladder(("a", 1), ("b", 9)), ladder(("b", 1), ("a", 9)))
    assert "ladder status altered: tiers: a < b becomes b < a" in found


def test_what_was_removed_can_be_asked_for() -> None:
    old, new = document(sinks=["fee"]), document(units={"points": UNITS["points"]})
    found = plan(old, new)
    assert found.of(ChangeKind.REMOVED, "unit") == ("miles",)
    assert found.of(ChangeKind.REMOVED, "sink") == ("fee",)
    assert found.of(ChangeKind.ADDED, "unit") == ()


def test_what_changes_there_and_back_is_the_same() -> None:
    old, new = document(sinks=["a"]), document(zone="Asia/Tokyo")
    there, back = plan(old, new), plan(new, old)
    assert [change.name for change in there.changes] == [
        change.name for change in back.changes
    ]
    assert (there.old_digest, there.new_digest) == (back.new_digest, back.old_digest)


def test_a_long_value_is_cut() -> None:
    (words,) = told({"title": "x" * 200}, {"title": ""})
    assert len(words) < 120
