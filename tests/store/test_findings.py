"""Findings: programs can read them, and there is an end to those that are kept."""

from __future__ import annotations

import json
from dataclasses import asdict

from points.store.proof.findings import FINDINGS_MAX, Audit, ChainHead, Counts


def test_the_findings_can_be_read_by_programs() -> None:
    findings = Audit(Counts(records=3), heads=[ChainHead(7, 3, "ab")])
    findings.add(7, 3, ["a difference"])

    assert json.loads(findings.as_json()) == {
        "counts": asdict(Counts(records=3)),
        "differences": ["part 7: a difference"],
        "difference_count": 1,
        "heads": [{"part": 7, "number": 3, "digest": "ab"}],
    }


def test_findings_without_end_are_counted_and_the_first_are_kept() -> None:
    found = Audit()

    found.add(0, 1, (f"difference {n}" for n in range(FINDINGS_MAX + 5)))

    assert (len(found.findings), found.finding_count) == (
        FINDINGS_MAX,
        FINDINGS_MAX + 5,
    )
