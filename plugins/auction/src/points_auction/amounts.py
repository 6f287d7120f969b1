"""What sealed bidders bid, as documents keep it: nobody reads it before the close."""

from __future__ import annotations

from points.plugin import Context, Refused
from points_auction.documents import Bidder
from points_auction.refusals import BID_KEY_MISSING, BID_KEY_REQUIRED
from points_auction.sealing import NONCE_BYTES, KeyMissing, Sealed, seal, unseal
from points_auction.settings import Settings
from points_auction.terms import SEALED, Terms


def with_points(
    ctx: Context, auction_id: str, member_id: str, bidder: Bidder, points: int
) -> Bidder:
    """Returns the bidder with a bid of so many points, sealed if there is a key."""
    keys = _keys(ctx)
    if not (keys and points):
        return bidder._replace(points=points, secret=b"", key_id="")
    nonce = ctx.random.token(NONCE_BYTES)
    owner = _owner(auction_id, member_id)
    sealed = seal(points, keys[0], owner=owner, nonce=nonce)
    return bidder._replace(points=0, secret=sealed.secret, key_id=sealed.key_id)


def check_sealable(ctx: Context, terms: Terms) -> None:
    """Raises BID_KEY_REQUIRED where amounts of sealed bids would stand to be read."""
    if terms.form in SEALED and not (terms.reveal or _keys(ctx)):
        raise Refused(BID_KEY_REQUIRED)


def points_of(ctx: Context, auction_id: str, member_id: str, bidder: Bidder) -> int:
    """Returns what was bid; refuses with BID_KEY_MISSING."""
    if not bidder.key_id:
        return bidder.points
    stored, owner = Sealed(bidder.secret, bidder.key_id), _owner(auction_id, member_id)
    try:
        return unseal(stored, _keys(ctx), owner=owner)
    except KeyMissing:
        raise Refused(BID_KEY_MISSING, key_id=bidder.key_id) from None


def _keys(ctx: Context) -> list[bytes]:
    settings: Settings = ctx.config
    keys = settings.bid_keys
    return [*(bytes.fromhex(key.get_secret_value()) for key in keys), *ctx.keys]


def _owner(auction_id: str, member_id: str) -> str:
    return f"{len(auction_id)}:{auction_id}:{member_id}"
