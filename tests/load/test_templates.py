"""A template comes to what ghz makes of it."""

from __future__ import annotations

import pytest

from tests.load.templates import filled


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("earn-{{.RequestNumber}}", "earn-1234"),
        ("load-{{mod .RequestNumber 200}}", "load-34"),
        ("{{add 1000 .RequestNumber}}", "2234"),
        ("load-{{mod (div .RequestNumber 200) 10}}", "load-6"),
        ("{{.RequestNumber}}-{{.RequestNumber}}", "1234-1234"),
        ("{{hold id}}", "{{hold id}}"),
        ("nothing", "nothing"),
    ],
)
def test_a_template_is_filled_with_the_number_of_the_request(
    template: str, text: str
) -> None:
    assert filled(template, 1_234) == text


def test_an_instant_is_another_one_for_each_request() -> None:
    first, second = (int(filled("{{.TimestampUnixNano}}", 0)) for _ in range(2))

    assert first < second
