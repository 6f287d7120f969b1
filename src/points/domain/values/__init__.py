"""The things a ledger is made of, all frozen.

They are tuples: made several times faster than frozen dataclasses, by the dozen
for every command, and accounts, heads and lots are the very rows of their tables.

==============  ==============================================================
`members`       members, their accounts, and what these may do
`lots`          lots, and what happens to them
`holds`         points set aside
`transactions`  what accepted commands did to the ledger
`records`       what a part has committed, in its order
==============  ==============================================================
"""

from points.domain.values.holds import Hold, HoldState, TimeoutAction
from points.domain.values.lots import (
    Draw,
    Lot,
    Notice,
    Retimed,
    drawn_whole,
    emptied,
)
from points.domain.values.members import (
    Account,
    Balances,
    Erasure,
    Limits,
    Member,
    MemberState,
    Velocity,
)
from points.domain.values.records import (
    Accepted,
    BatchClaim,
    BooksClose,
    Head,
    Kind,
    Record,
    Result,
)
from points.domain.values.transactions import Posting, ReasonCode, Reversal, Transaction


__all__ = [
    "Accepted",
    "Account",
    "Balances",
    "BatchClaim",
    "BooksClose",
    "Draw",
    "Erasure",
    "Head",
    "Hold",
    "HoldState",
    "Kind",
    "Limits",
    "Lot",
    "Member",
    "MemberState",
    "Notice",
    "Posting",
    "ReasonCode",
    "Record",
    "Result",
    "Retimed",
    "Reversal",
    "TimeoutAction",
    "Transaction",
    "Velocity",
    "drawn_whole",
    "emptied",
]
