"""The one way in which records are written down: JSON without spaces, keys in order.

A record's columns hold what is searched for; its body, written here, holds the
rest. The text of a body never changes once it is stored, and reading it back
gives the value that was written. Fields that hold their default are left out, so
that a field which is added later does not change what was written before it.

Attributes and metadata may be personal: they stand beside the body with a salt,
and the body has their digest. Erased, they are gone, and the body is as it was. A
refusal keeps the salt alone, which hides in its fingerprint what was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from operator import attrgetter
from typing import Any, Final, NamedTuple

import msgspec

from points.domain.funding import BudgetFunding, FiguresReport, LiabilityMeasure
from points.domain.plugin_calls import PluginCall
from points.domain.refusals import Frozen, Refusal, frozen_reasons
from points.domain.returns import NOTHING_RETURNED, Returned
from points.domain.scores import ScoreChange, Scores
from points.domain.standings import DemotionNotice, StandingChange
from points.domain.values import (
    BatchClaim,
    BooksClose,
    Draw,
    Erasure,
    Limits,
    Member,
    MemberState,
    Notice,
    Posting,
    Result,
    Transaction,
    Velocity,
)
from points.domain.versions import ProgramVersion, UnitKinds
from points.store.texts.calls import call_tree, read_call
from points.store.texts.standings import (
    change_tree,
    read_change,
)
from points.store.texts.transactions import read_transaction, transaction_tree
from points.store.texts.trees import (
    draw_trees,
    instant_tree,
    read_draw,
    read_instant,
)


_FROZEN: Final = frozen_reasons()
_RARE_OF_MEMBER: Final = ("merged_into", "pool", "pools_into")
_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder().decode


class Written(NamedTuple):
    """Is a result as two texts; `personal` is empty without personal data."""

    body: str
    personal: str


def write_pairs(pairs: Mapping[str, str]) -> str:
    """Returns metadata or attributes as text, in the order of the keys."""
    return _text(_in_order(pairs))


def read_pairs(text: str) -> dict[str, str]:
    """Returns the metadata or attributes that `write_pairs` wrote."""
    pairs: dict[str, str] = _decode(text)
    return pairs


def write_result(result: Result, *, salt: str = "") -> Written:
    """Returns the texts of a record with this result."""
    if isinstance(result, Frozen):
        tree = {"reason": result.reason(), "data": result.freeze()}
        return _written("refusal", tree, {}, salt)
    try:
        name, write, pairs_of = _WRITERS[type(result)]
    except KeyError:
        message = f"{type(result).__name__} is never recorded"
        raise TypeError(message) from None
    return _written(name, write(result), pairs_of(result), salt)


def read_result(
    body: str, personal: str = "", *, part: int, member_id: str
) -> tuple[Result, str]:
    """Returns the result that `write_result` wrote for this member, and the salt."""
    ((name, tree),) = _decode(body).items()
    salt, pairs = _decode(personal) if personal else ("", {})
    if name == "transaction":
        return read_transaction(tree, pairs, part, member_id), salt
    if name == "member":
        return _read_member(tree, pairs, part, member_id), salt
    if name == "standing_change":
        return read_change(tree, part, member_id), salt
    if name == "erasure":
        member = _read_member(tree, {}, part, member_id)
        return Erasure(member, tree["operator"], tree["reason"]), salt
    return _READERS[name](tree), salt


def personal_digest(personal: str) -> str:
    """Returns what a body says of its personal data: a SHA-256 over salt and data."""
    return sha256(personal.encode()).hexdigest()


def stated_digest(body: str) -> str:
    """Returns the digest of personal data that a body states, or nothing."""
    ((_, tree),) = _decode(body).items()
    digest: str = tree.get("personal", "")
    return digest


def read_postings(body: str) -> list[Posting]:
    """Returns the postings in the body of a transaction."""
    ((_, tree),) = _decode(body).items()
    return [Posting(*posting) for posting in tree["postings"]]


def write_draws(draws: tuple[Draw, ...]) -> str:
    """Returns draws as text."""
    return _text(draw_trees(draws))


def read_draws(text: str) -> tuple[Draw, ...]:
    """Returns the draws that `write_draws` wrote."""
    return tuple(map(read_draw, _decode(text)))


def write_units(units: UnitKinds) -> str:
    """Returns units with their kinds as text."""
    return _text(units)


def read_units(text: str) -> UnitKinds:
    """Returns the units that `write_units` wrote."""
    return tuple((code, spendable) for code, spendable in _decode(text))


def write_returned(returned: Returned) -> str:
    """Returns what was returned as text; nothing if nothing was."""
    if returned == NOTHING_RETURNED:
        return ""
    return _text(returned if returned.pooled else returned[:3])


def read_returned(text: str) -> Returned:
    """Returns what `write_returned` wrote."""
    if not text:
        return NOTHING_RETURNED
    items, points, is_whole, *pooled = _decode(text)
    taken = tuple((unit, each) for unit, each in points)
    shares = tuple((unit, each) for found in pooled for unit, each in found)
    return Returned(tuple(items), taken, is_whole, shares)


def _written(name: str, tree: Any, pairs: Mapping[str, str], salt: str) -> Written:
    if not pairs and not salt:
        return Written(_text({name: tree}), "")
    personal = _text([salt, _in_order(pairs)])
    tree["personal"] = personal_digest(personal)
    return Written(_text({name: tree}), personal)


def _member_tree(member: Member) -> dict[str, Any]:
    tree = {
        "state": member.state,
        "create_time": member.create_time,
        "update_time": member.update_time,
        "version": member.version,
    }
    told = {name: getattr(member, name) for name in _RARE_OF_MEMBER}
    return tree | {name: value for name, value in told.items() if value}


def _read_member(
    tree: dict[str, Any], attributes: dict[str, str], part: int, member_id: str
) -> Member:
    return Member(
        part=part,
        member_id=member_id,
        state=MemberState(tree["state"]),
        attributes=attributes,
        create_time=tree["create_time"],
        update_time=tree["update_time"],
        version=tree["version"],
        **{name: tree.get(name, "") for name in _RARE_OF_MEMBER},
    )


def _read_limits(tree: dict[str, Any]) -> Limits:
    velocities = tuple(Velocity(*velocity) for velocity in tree["velocities"])
    return Limits(**tree | {"velocities": velocities})


def _read_close(tree: dict[str, Any]) -> BooksClose:
    lines = tuple((account, unit, points) for account, unit, points in tree["lines"])
    return BooksClose(**tree | {"lines": lines})


def _program_tree(version: ProgramVersion) -> dict[str, Any]:
    tree = version._asdict()
    if not version.unchanged:
        del tree["unchanged"]
    return tree


def _read_program(tree: dict[str, Any]) -> ProgramVersion:
    units = tuple((code, spendable) for code, spendable in tree["units"])
    return ProgramVersion(**tree | {"units": units})


def _report_tree(report: FiguresReport) -> dict[str, Any]:
    return report._asdict() | {"end_time": instant_tree(report.end_time)}


def _read_report(tree: dict[str, Any]) -> FiguresReport:
    return FiguresReport(**tree | {"end_time": read_instant(tree["end_time"])})


def _in_order(pairs: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(pairs.items())) if pairs else {}


def _text(tree: Any) -> str:
    return _encode(tree).decode()


def _erasure_tree(erasure: Erasure) -> dict[str, Any]:
    told = {"operator": erasure.operator, "reason": erasure.reason}
    return _member_tree(erasure.member) | told


def _notice_tree(notice: Notice) -> dict[str, Any]:
    return {"unit": notice.unit, "lots": draw_trees(notice.lots)}


def _read_notice(tree: dict[str, Any]) -> Notice:
    return Notice(tree["unit"], tuple(map(read_draw, tree["lots"])))


def _read_scores(tree: dict[str, Any]) -> ScoreChange:
    return ScoreChange(Scores(*tree["scores"]), tree["until_time"])


def _read_refusal(tree: dict[str, Any]) -> Refusal:
    return _FROZEN[tree["reason"]].thaw(tree["data"])


def _no_pairs(_result: Any) -> Mapping[str, str]:
    return {}


_WRITERS: Final[
    dict[type, tuple[str, Callable[[Any], Any], Callable[[Any], Mapping[str, str]]]]
] = {
    Transaction: ("transaction", transaction_tree, attrgetter("metadata")),
    Member: ("member", _member_tree, attrgetter("attributes")),
    Erasure: ("erasure", _erasure_tree, _no_pairs),
    Limits: ("limits", Limits._asdict, _no_pairs),
    BooksClose: ("books_close", BooksClose._asdict, _no_pairs),
    ProgramVersion: ("program_version", _program_tree, _no_pairs),
    StandingChange: ("standing_change", change_tree, _no_pairs),
    BatchClaim: ("batch", BatchClaim._asdict, _no_pairs),
    BudgetFunding: ("budget_funding", BudgetFunding._asdict, _no_pairs),
    FiguresReport: ("figures_report", _report_tree, _no_pairs),
    LiabilityMeasure: ("liability_measure", LiabilityMeasure._asdict, _no_pairs),
    Notice: ("notice", _notice_tree, _no_pairs),
    DemotionNotice: ("demotion_notice", DemotionNotice._asdict, _no_pairs),
    ScoreChange: ("score_change", ScoreChange._asdict, _no_pairs),
    PluginCall: ("plugin_call", call_tree, _no_pairs),
}
"""How each result is called and written, and its personal data."""

_READERS: Final[dict[str, Callable[[dict[str, Any]], Result]]] = {
    "limits": _read_limits,
    "books_close": _read_close,
    "program_version": _read_program,
    "batch": lambda tree: BatchClaim(**tree),
    "budget_funding": lambda tree: BudgetFunding(**tree),
    "figures_report": _read_report,
    "liability_measure": lambda tree: LiabilityMeasure(**tree),
    "notice": _read_notice,
    "demotion_notice": lambda tree: DemotionNotice(**tree),
    "score_change": _read_scores,
    "plugin_call": read_call,
    "refusal": _read_refusal,
}
