"""`points program`: 0 can be used, 1 cannot be read, 2 is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from points.program.digests import digest_of
from points.program.document.root import ProgramDocument
from points.program.shipped import BUILT_IN, EXAMPLES, shipped_document, shipped_text
from tests.cli.conftest import Points


WRONG = "program: x\nunits:\n  points: {kind: money}\nrules: {r: {activities: [a]}}\n"


def test_a_sound_document_can_be_used(points: Points, folder: Path) -> None:
    (folder / "shop.yaml").write_text(shipped_text("retail"))

    ended = points("program", "validate", "shop.yaml")

    assert ended.status == 0
    assert ended.out == (
        "program retail can be used: 2 units, 1 ladder, 3 rules, 2 caps, 1 budget\n"
    )


def test_lints_are_told_and_do_no_harm(points: Points) -> None:
    ended = points("program", "validate", BUILT_IN)

    assert ended.status == 0
    first, last = ended.out.splitlines()
    assert first.startswith("built-in:6:11: units.points never expires")
    assert last.startswith("program points can be used: 2 units, 0 ladders")


def test_every_problem_is_a_line(points: Points, folder: Path) -> None:
    (folder / "bad.yaml").write_text(WRONG)

    ended = points("program", "validate", "bad.yaml")

    assert ended.status == 2
    assert ended.out.splitlines() == [
        "bad.yaml:3:18: units.points.kind must be 'currency' or 'growth', not 'money'",
        "bad.yaml:4:12: rules.r.awards is required",
        "2 problems",
    ]


def test_toml_is_read_by_its_name(points: Points, folder: Path) -> None:
    text = 'program = "x"\n[units.points]\nkind = "growth"\n'
    (folder / "x.toml").write_text(text)
    assert points("program", "validate", "x.toml").status == 0


def test_programs_get_the_problems_as_json(points: Points, folder: Path) -> None:
    (folder / "bad.yaml").write_text(WRONG)

    ended = points("program", "validate", "--json", "bad.yaml")

    assert ended.status == 2
    told = json.loads(ended.out)
    assert told["digest"] is None
    assert told["problems"][1] == {
        "path": "rules.r.awards",
        "reason": "is required",
        "line": 4,
        "column": 12,
    }


def test_programs_get_lints_and_the_digest_as_json(points: Points) -> None:
    told = json.loads(points("program", "validate", "--json", "game").out)

    assert told["problems"] == []
    assert [lint["path"] for lint in told["lints"]] == ["units.gems"]
    assert told["digest"] == digest_of(shipped_document("game"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file or directory"), (b"\xff\xfe", "is not UTF-8")],
)
def test_a_file_that_cannot_be_read_ends_with_1(
    points: Points, folder: Path, content: bytes | None, reason: str
) -> None:
    if content:
        (folder / "x.yaml").write_bytes(content)

    ended = points("program", "validate", "x.yaml")

    assert (ended.status, ended.out) == (1, "")
    assert ended.err == f"Error: x.yaml: {reason}\n"


@pytest.mark.parametrize("name", [BUILT_IN, *EXAMPLES])
def test_a_shipped_document_is_shown_as_it_was_written(
    points: Points, name: str
) -> None:
    assert points("program", "show", f"--example={name}").out == shipped_text(name)


def test_the_built_in_document_is_shown_first(points: Points) -> None:
    assert points("program", "show").out == shipped_text(BUILT_IN)


def test_the_schema_is_that_of_documents_and_of_the_sections_of_plugins(
    points: Points,
) -> None:
    schema = json.loads(points("program", "schema").out)
    plain = ProgramDocument.model_json_schema()
    sections = schema["properties"].pop("plugins")["properties"]
    del plain["properties"]["plugins"]

    assert schema["properties"] == plain["properties"]
    assert plain["$defs"].items() <= schema["$defs"].items()
    assert "wheels" in json.dumps(sections["wheel"]) + json.dumps(schema["$defs"])


def test_a_plan_is_a_table(points: Points, folder: Path) -> None:
    text = shipped_text("retail").replace("threshold: 300", "threshold: 400")
    (folder / "new.yaml").write_text(text)

    ended = points("program", "plan", "retail", "new.yaml")

    assert ended.status == 0
    (row,) = [line for line in ended.out.splitlines() if "status/gold" in line]
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    assert cells == ["tier", "status/gold", "altered: threshold", "300", "400"]


def test_a_plan_of_the_same_changes_nothing(points: Points) -> None:
    assert points("program", "plan", "game", "game").out == "nothing changes\n"


def test_programs_get_a_plan_as_json(points: Points) -> None:
    told = json.loads(points("program", "plan", "--json", BUILT_IN, "retail").out)

    assert told["old_digest"] == digest_of(shipped_document())
    assert told["new_digest"] == digest_of(shipped_document("retail"))
    assert {
        "kind": "REMOVED",
        "thing": "sink",
        "name": "auction",
        "differences": [],
    } in told["changes"]


def test_a_plan_with_a_wrong_document_ends_with_2(points: Points, folder: Path) -> None:
    (folder / "bad.yaml").write_text(WRONG)

    ended = points("program", "plan", "retail", "bad.yaml")

    assert ended.status == 2
    assert "bad.yaml:3:18: units.points.kind" in ended.out


def test_values_are_shown_as_they_are(points: Points, folder: Path) -> None:
    text = "program: x\ntitle: '[red]a[/red]'\nunits: {points: {kind: growth}}\n"
    (folder / "x.yaml").write_text(text)

    assert "[red]a[/red]" in points("program", "plan", BUILT_IN, "x.yaml").out
