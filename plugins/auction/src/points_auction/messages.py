"""Between the messages of the proto and the plugin's own values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from points_auction.documents import Result
from points_auction.settings import Settings
from points_auction.terms import (
    NO_SHARES,
    SEALED,
    Band,
    Fall,
    Form,
    Score,
    Shares,
    SoftClose,
    Terms,
    Unfit,
)
from points_auction.v1 import auction_service_pb2 as pb


_MICROSECOND = timedelta(microseconds=1)


def terms_of(
    given: pb.AuctionTerms,
    settings: Settings,
    *,
    now: int,
    tiers: tuple[str, ...],
    alias_salt: str,
    config_version: int,
) -> Terms:
    """Returns the terms that were asked for, completed by the configuration."""
    form = Form(pb.AuctionForm.Name(given.form).removeprefix("AUCTION_FORM_"))
    end_time = instant(given.end_time)
    return Terms(
        form=form,
        title=given.title,
        unit=given.unit or settings.unit,
        sink=settings.sink,
        units=given.units or 1,
        seller_id=given.seller_id,
        start_time=instant(given.start_time) if given.HasField("start_time") else now,
        end_time=end_time,
        start_points=given.start_points or 1,
        reserve_points=given.reserve_points,
        buyout_points=given.buyout_points,
        bands=_bands(given, settings),
        soft_close=_soft_close(given, end_time),
        shares=_shares(given),
        fall=_fall(given),
        score=_score(given),
        ladder=given.ladder,
        tiers=tiers,
        bids_max=given.bids_max,
        bid_points_max=given.bid_points_max,
        is_withdrawable=given.withdrawable,
        unfit=_unfit(given, settings, form),
        cover_points=_cover(given, form),
        reveal=microseconds(given.reveal),
        forfeit_points=given.forfeit_points,
        alias_salt=alias_salt,
        config_version=config_version,
    )


def instant(given: Timestamp) -> int:
    """Returns an instant in microseconds since 1970."""
    return given.ToMicroseconds()


def microseconds(given: Duration) -> int:
    """Returns a duration in microseconds."""
    return given.ToMicroseconds()


def timestamp(micros: int) -> Timestamp:
    """Returns the message of an instant."""
    found = Timestamp()
    found.FromMicroseconds(micros)
    return found


def duration(micros: int) -> Duration:
    """Returns the message of a duration."""
    found = Duration()
    found.FromMicroseconds(micros)
    return found


def terms_message(terms: Terms, *, shows_reserve: bool) -> pb.AuctionTerms:
    """Returns the message of terms; a reserve is not shown while bids are taken."""
    return pb.AuctionTerms(
        form=pb.AuctionForm.Value(f"AUCTION_FORM_{terms.form}"),
        title=terms.title,
        unit=terms.unit,
        units=terms.units,
        seller_id=terms.seller_id,
        start_time=timestamp(terms.start_time),
        end_time=timestamp(terms.end_time),
        start_points=terms.start_points,
        reserve_points=terms.reserve_points if shows_reserve else 0,
        buyout_points=terms.buyout_points,
        bands=[pb.Band(from_points=b, step_points=s) for b, s in terms.bands],
        soft_close=_soft_close_message(terms.soft_close),
        shares=_shares_message(terms.shares),
        fall=_fall_message(terms.fall),
        score=pb.AuctionScore.Value(f"AUCTION_SCORE_{terms.score}"),
        ladder=terms.ladder,
        minimum_tier=terms.tiers[0] if terms.tiers else "",
        bids_max=terms.bids_max,
        bid_points_max=terms.bid_points_max,
        withdrawable=terms.is_withdrawable,
        unfit_winner=pb.UnfitWinner.Value(f"UNFIT_WINNER_{terms.unfit}"),
        cover_points=terms.cover_points,
        reveal=duration(terms.reveal) if terms.reveal else None,
        forfeit_points=terms.forfeit_points,
    )


def result_messages(results: Iterable[Result]) -> list[pb.AuctionResult]:
    """Returns the messages of what became of the items."""
    return [
        pb.AuctionResult(
            member_id=one.member_id,
            points=one.points,
            seller_points=one.seller,
            charity_points=one.charity,
            fee_points=one.fee,
            burned_points=one.burn,
            unsold=one.is_unsold,
        )
        for one in results
    ]


def _cover(given: pb.AuctionTerms, form: Form) -> int:
    """Returns what sealed bidders hold: as much as they may bid, if it is not told."""
    return given.cover_points or (given.bid_points_max if form in SEALED else 0)


def _bands(given: pb.AuctionTerms, settings: Settings) -> tuple[Band, ...]:
    chosen = given.bands or settings.bands
    return tuple(Band(one.from_points, one.step_points) for one in chosen)


def _soft_close(given: pb.AuctionTerms, end_time: int) -> SoftClose | None:
    """Returns the soft close with the nearer of its two limits."""
    if not given.HasField("soft_close"):
        return None
    asked = given.soft_close
    limits = []
    if asked.HasField("total"):
        limits.append(end_time + microseconds(asked.total))
    if asked.HasField("hard_end_time"):
        limits.append(instant(asked.hard_end_time))
    return SoftClose(
        microseconds(asked.threshold),
        microseconds(asked.extension),
        min(limits, default=0),
        asked.any_bid,
    )


def _shares(given: pb.AuctionTerms) -> Shares:
    if not given.HasField("shares"):
        return NO_SHARES
    asked = given.shares
    return Shares(
        asked.fee_bp, asked.burn_bp, asked.charity_bp, asked.charity_member_id
    )


def _fall(given: pb.AuctionTerms) -> Fall | None:
    if not given.HasField("fall"):
        return None
    asked = given.fall
    return Fall(asked.step_points, microseconds(asked.tick), asked.floor_points)


def _score(given: pb.AuctionTerms) -> Score:
    return Score.SINGLE if given.score == pb.AUCTION_SCORE_SINGLE else Score.TOTAL


def _unfit(given: pb.AuctionTerms, settings: Settings, form: Form) -> Unfit:
    """Returns what was asked for, or what is configured where that is possible."""
    if given.unfit_winner:
        return Unfit(pb.UnfitWinner.Name(given.unfit_winner)[len("UNFIT_WINNER_") :])
    can_be_next = form in SEALED or form is Form.ALL_PAY
    return settings.unfit_winner if can_be_next else Unfit.VOID


def _soft_close_message(soft_close: SoftClose | None) -> pb.SoftClose | None:
    if soft_close is None:
        return None
    return pb.SoftClose(
        threshold=duration(soft_close.threshold),
        extension=duration(soft_close.extension),
        hard_end_time=timestamp(soft_close.limit),
        any_bid=soft_close.is_any_bid,
    )


def _shares_message(shares: Shares) -> pb.Shares | None:
    if shares == NO_SHARES:
        return None
    return pb.Shares(
        fee_bp=shares.fee,
        burn_bp=shares.burn,
        charity_bp=shares.charity,
        charity_member_id=shares.charity_member_id,
    )


def _fall_message(fall: Fall | None) -> pb.Fall | None:
    if fall is None:
        return None
    return pb.Fall(
        step_points=fall.step_points,
        tick=duration(fall.tick),
        floor_points=fall.floor_points,
    )
