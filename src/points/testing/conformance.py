"""The laws that every plugin keeps, tried on examples of its own requests.

====================  ==========================================================
law                   what is tried
====================  ==========================================================
repeated              a second call gets the first answer to the byte, records nothing
restarted             so it does from an engine that was started anew
raced                 of one call made by several threads at once, one happens
validated             with `validate_only` a call changes nothing, and fails as it would
crashed               a crash at any point leaves all of it or nothing
empty                 a request without anything is refused, not failed
a stranger            so is one of a member who is not there: or it is answered
frozen, erased        so is one of a member who is frozen or erased
at odd times          leap days, the end of a year and changes of the clock do no harm
asked                 a query changes nothing, and answers the same twice
====================  ==========================================================

A refusal is an answer. What the plugin refuses with is a reason that it declares, or
one of the core's own; INTERNAL is neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from points.domain.commands import EraseMember, FreezeMember
from points.domain.refusals import (
    Internal,
    PluginDeclined,
    PluginRefused,
    Refusal,
)
from points.plugin.methods import Mode
from points.testing.bench import Bench, new_id, reason_of, with_request_id
from points.testing.proofs import CrashPoint, crash_at


@dataclass(frozen=True)
class Example:
    """Is a request that makes sense: its own answer, or a refusal, is right.

    `method` is needed where two methods take the same message.
    """

    request: Any
    method: str = ""


Told = bytes | tuple[str, tuple[tuple[str, str], ...]]
"""A response as it is stored, or the reason and the metadata of a refusal."""

ODD_TIMES: Final = tuple(
    datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    for text, zone in (
        ("2026-03-29T02:30:00", "Europe/Berlin"),  # does not exist
        ("2026-10-25T02:30:00", "Europe/Berlin"),  # exists twice
        ("2026-12-31T23:59:59.999999", "UTC"),
        ("2027-01-01T00:00:00", "UTC"),
        ("2028-02-29T12:00:00", "Pacific/Apia"),
    )
)


def assert_conforms(bench: Bench, plugin: str, examples: Sequence[Example]) -> None:
    """Tries every law on every example; raises AssertionError that names both.

    The clock is moved, members are made, frozen and erased: give it a bench of its
    own. Every method of the plugin needs an example.
    """
    _assert_complete(bench, plugin, examples)
    for example in examples:
        mode = bench.method_of(example.request, example.method)[2].mode
        laws = COMMAND_LAWS if mode is Mode.COMMAND else QUERY_LAWS
        for law in laws:
            try:
                law(bench, example)
            except AssertionError as broken:
                name = type(example.request).__name__
                raise AssertionError(f"{law.__name__} of {name}: {broken}") from broken


def _assert_complete(bench: Bench, plugin: str, examples: Sequence[Example]) -> None:
    tried = {bench.method_of(each.request, each.method)[1] for each in examples}
    found = bench.registry.by_name[plugin]
    every = {
        f"{service.descriptor.full_name}/{method.name}"
        for service in found.services
        for method in service.methods
        if method.mode is not Mode.WATCH
    }
    missing = sorted(every - tried)
    assert not missing, f"no example of {', '.join(missing)}"


def repeated(bench: Bench, example: Example) -> None:
    """A second call gets the first answer and records nothing."""
    once = _again(example)
    first, heads = told(bench, once), bench.heads()
    if _is_stored(first):
        assert told(bench, once) == first, "another answer"
        assert bench.heads() == heads, "it was recorded twice"


def restarted(bench: Bench, example: Example) -> None:
    """An engine that was started anew gives the same answer."""
    once = _again(example)
    first = told(bench, once)
    bench.restart()
    if _is_stored(first):
        assert told(bench, once) == first, "another answer"


def raced(bench: Bench, example: Example) -> None:
    """One call from several threads at once happens once."""
    once = _again(example)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: told(bench, once), range(4)))
    if all(map(_is_stored, answers)):
        assert len(set(answers)) == 1, "several answers"


def validated(bench: Bench, example: Example) -> None:
    """A call that is only to be validated changes nothing, and can then be made."""
    once = _again(example)
    if not hasattr(once.request, "validate_only"):
        return
    once.request.validate_only = True
    heads = bench.heads()
    tried = told(bench, once)
    assert bench.heads() == heads, "it was recorded"
    once.request.validate_only = False
    done = told(bench, once)
    assert _is_stored(tried) == _is_stored(done), "it was refused once, and once not"


def crashed(bench: Bench, example: Example) -> None:
    """A crash at any point leaves all or nothing."""
    for point in CrashPoint:
        once = _again(example)
        heads = bench.heads()
        with crash_at(bench, point):
            told(bench, once)
        if point is not CrashPoint.ANSWER:
            assert bench.heads() == heads, f"half of it at {point}"
        told(bench, once)


def empty(bench: Bench, example: Example) -> None:
    """A request without anything is refused."""
    told(bench, Example(type(example.request)(), example.method))


def a_stranger(bench: Bench, example: Example) -> None:
    """A member who is not there is refused or answered."""
    for request in _of(example, new_id("stranger")):
        told(bench, request)


def frozen(bench: Bench, example: Example) -> None:
    """A member who is frozen is refused or answered."""
    for request in _of(example, bench.member(new_id("frozen"), points=1_000)):
        name = request.request.member_id
        bench.execute(
            FreezeMember(member_id=name, request_id=new_id("freeze"), reason="test")
        )
        told(bench, request)


def erased(bench: Bench, example: Example) -> None:
    """A member who is erased is refused or answered."""
    for request in _of(example, bench.member(new_id("erased"))):
        name = request.request.member_id
        erase = EraseMember(
            member_id=name, request_id=new_id("erase"), operator="test", reason="test"
        )
        bench.execute(erase)
        told(bench, request)


def at_odd_times(bench: Bench, example: Example) -> None:
    """Leap days, ends of years and changes of the clock do no harm."""
    for instant in ODD_TIMES:
        bench.clock.freeze_at(instant)
        told(bench, _again(example))


def asked(bench: Bench, example: Example) -> None:
    """A query changes nothing, and answers the same twice."""
    heads = bench.heads()
    first = told(bench, example)
    assert told(bench, example) == first, "another answer"
    assert bench.heads() == heads, "a query was recorded"


def told(bench: Bench, example: Example) -> Told:
    """Returns the answer; raises AssertionError for one that no plugin may give."""
    try:
        response = bench.call(example.request, example.method)
    except Refusal as refusal:
        return _refused(bench, refusal)
    answer: bytes = response.SerializeToString(deterministic=True)
    return answer


def _refused(bench: Bench, refusal: Refusal) -> Told:
    assert not isinstance(refusal, Internal), f"INTERNAL: {refusal}"
    if isinstance(refusal, PluginRefused | PluginDeclined):
        declared = bench.registry.by_name[refusal.plugin].reasons
        names = {reason.name for reason in declared}
        assert refusal.name in names, f"{refusal.name} is not declared"
    return reason_of(refusal), tuple(sorted(refusal.metadata().items()))


def _is_stored(answer: Told) -> bool:
    """Says whether the answer is given for ever: one that may change is not."""
    return isinstance(answer, bytes)


def _again(example: Example) -> Example:
    """Returns the example as a call that was not made yet."""
    copy = type(example.request)()
    copy.CopyFrom(example.request)
    if hasattr(copy, "request_id"):
        copy.request_id = ""
    return Example(with_request_id(copy), example.method)


def _of(example: Example, member_id: str) -> Iterator[Example]:
    """Yields the example for another member, if it is about one."""
    if not hasattr(example.request, "member_id"):
        return
    other = _again(example)
    other.request.member_id = member_id
    yield other


COMMAND_LAWS: Final[tuple[Callable[[Bench, Example], None], ...]] = (
    repeated,
    restarted,
    raced,
    validated,
    crashed,
    empty,
    a_stranger,
    frozen,
    erased,
    at_odd_times,
)
QUERY_LAWS: Final[tuple[Callable[[Bench, Example], None], ...]] = (
    asked,
    empty,
    a_stranger,
    at_odd_times,
)
