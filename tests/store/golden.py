"""Results of every shape, and the text that each is written as for ever."""

from __future__ import annotations

from typing import Final

from points.domain.bounds import NEVER
from points.domain.counters import CounterMove
from points.domain.funding import BudgetFunding, FiguresReport, LiabilityMeasure
from points.domain.identity import Place
from points.domain.refusals import InsufficientPoints
from points.domain.scores import ScoreChange, Scores
from points.domain.standings import (
    DemotionNotice,
    StandingCause,
    StandingChange,
    first_standing,
)
from points.domain.values import (
    BatchClaim,
    BooksClose,
    Draw,
    Hold,
    HoldState,
    Limits,
    MemberState,
    Notice,
    Posting,
    ReasonCode,
    Result,
    Retimed,
    TimeoutAction,
    Transaction,
    Velocity,
)
from points.domain.versions import ProgramVersion
from tests.clock import NOON
from tests.domain.build import PART, lot, member, transaction


GOLDEN: Final[dict[str, tuple[Result, str]]] = {
    "floor": (
        StandingChange(
            (
                first_standing(7, "ada", "status", 5)
                ._replace(floor="gold", floor_until_time=9, due_time=9)
                .in_tier("gold", 6, StandingCause.SET),
            ),
            "olga",
            "a friend",
        ),
        (
            '{"standing_change":{"standings":[["status","gold",6,null,null,"gold",9,9,'
            '"SET",6,"",5,"",[["gold",6,"SET"]]]],"operator":"olga",'
            '"reason":"a friend"}}'
        ),
    ),
    "earn": (
        transaction(
            metadata={"b": "é", "a": '"'},
            lots=(lot(number=9, record_number=42, activate_time=1, expire_time=NOON),),
        ),
        (
            '{"transaction":{"postings":[["issuance","member:ada","points",100]],'
            '"balance_after":100,"reason":"a purchase",'
            '"lots":[[9,42,"points",100,1767268799999000,1,1767268800000000]],'
            '"personal":"'
            "f6156e9dd840d0571f4eee645083cb547fcdcc207b21116396a2f7814b82f16a"
            '"}}'
        ),
    ),
    "earn for ever": (
        transaction(),
        (
            '{"transaction":{"postings":[["issuance","member:ada","points",100]],'
            '"balance_after":100,"reason":"a purchase",'
            '"lots":[[1,1,"points",100,1767268799999000,0,null]]}}'
        ),
    ),
    "burn": (
        Transaction(
            postings=(Posting("member:ada", "burn:donation", "miles", 30),),
            balance_after=70,
            reason="a gift",
            metadata={},
            draws=(Draw(Place(7, 9), 10, NOON), Draw(Place(7, 10), 20, NEVER)),
        ),
        (
            '{"transaction":{"postings":[["member:ada","burn:donation","miles",30]],'
            '"balance_after":70,"reason":"a gift",'
            '"draws":[[7,9,10,1767268800000000],[7,10,20,null]]}}'
        ),
    ),
    "member": (
        member(attributes={"b": "2", "a": "1"}),
        (
            '{"member":{"state":"ACTIVE","create_time":1767268799999000,'
            '"update_time":1767268799999000,"version":3,"personal":"'
            "83e6731745e7ba1b660bc9ce6f0033e31024bfb62439e09ce4b719ab2cf875c1"
            '"}}'
        ),
    ),
    "waiting earn": (
        transaction(
            lots=(
                lot(activate_time=NEVER, waits_for="shipped", expiry="period 1y"),
                lot(number=2, origin="l3-4"),
            ),
        ),
        (
            '{"transaction":{"postings":[["issuance","member:ada","points",100]],'
            '"balance_after":100,"reason":"a purchase",'
            '"lots":[[1,1,"points",100,1767268799999000,null,null,"shipped",'
            '"period 1y",""],[2,1,"points",100,1767268799999000,0,null,"","","l3-4"]]}}'
        ),
    ),
    "share of a pool": (
        transaction(lots=(lot(origin="l3-4", earner="eve"),)),
        (
            '{"transaction":{"postings":[["issuance","member:ada","points",100]],'
            '"balance_after":100,"reason":"a purchase",'
            '"lots":[[1,1,"points",100,1767268799999000,0,null,"","","l3-4",'
            '100,0,0,"eve"]]}}'
        ),
    ),
    "cancellation": (
        transaction(lots=(lot(remaining=0, activate_time=NEVER, ended=70),)),
        (
            '{"transaction":{"postings":[["issuance","member:ada","points",100]],'
            '"balance_after":100,"reason":"a purchase",'
            '"lots":[[1,1,"points",100,1767268799999000,null,null,"","","",0,0,70]]}}'
        ),
    ),
    "capture": (
        Transaction(
            postings=(Posting("held:ada", "burn:donation", "points", 30),),
            balance_after=70,
            reason="a gift",
            metadata={},
            draws=(Draw(Place(7, 9), 30, NEVER),),
            hold=Hold(
                part=PART,
                number=5,
                member_id="ada",
                unit="points",
                points=50,
                draws=(Draw(Place(7, 9), 20, NEVER),),
                captured_points=30,
                voided_points=0,
                state=HoldState.OPEN,
                place_time=1,
                lapse_time=NEVER,
                update_time=2,
                on_timeout=TimeoutAction.VOID,
                freeze_expiry=True,
                sink="donation",
                reason="an order",
                record_number=4,
            ),
        ),
        (
            '{"transaction":{"postings":[["held:ada","burn:donation","points",30]],'
            '"balance_after":70,"reason":"a gift","draws":[[7,9,30,null]],'
            '"hold":[5,"points",50,[[7,9,20,null]],30,0,"OPEN",1,null,2,"VOID",true,'
            '"donation","an order",4]}}'
        ),
    ),
    "reverse": (
        Transaction(
            postings=(Posting("burn:donation", "member:ada", "points", 30),),
            balance_after=100,
            reason="a mistake",
            metadata={},
            returns=(Draw(Place(7, 9), 30, NOON),),
            retimed=(Retimed(Place(7, 9), 0, NEVER),),
            reverses=Place(7, 42),
            reason_code=ReasonCode.REFUND,
            operator="eve",
        ),
        (
            '{"transaction":{"postings":[["burn:donation","member:ada","points",30]],'
            '"balance_after":100,"reason":"a mistake",'
            '"returns":[[7,9,30,1767268800000000]],"retimed":[[7,9,0,null]],'
            '"reverses":[7,42],"reason_code":"REFUND","operator":"eve"}}'
        ),
    ),
    "transfer": (
        Transaction(
            postings=(Posting("member:ada", "transit", "points", 30),),
            balance_after=70,
            reason="a present",
            metadata={},
            counterparty="bob",
            counterparty_place=Place(0, 3),
        ),
        (
            '{"transaction":{"postings":[["member:ada","transit","points",30]],'
            '"balance_after":70,"reason":"a present",'
            '"counterparty":"bob","counterparty_place":[0,3]}}'
        ),
    ),
    "merged member": (
        member(state=MemberState.MERGED, merged_into="bob"),
        (
            '{"member":{"state":"MERGED","create_time":1767268799999000,'
            '"update_time":1767268799999000,"version":3,"merged_into":"bob"}}'
        ),
    ),
    "limits": (
        Limits("ada", "points", 0, None, (Velocity("EARN", "DAY", 9),), "eve", "x", 5),
        (
            '{"limits":{"member_id":"ada","unit":"points","floor":0,"ceiling":null,'
            '"velocities":[["EARN","DAY",9,null]],"operator":"eve","reason":"x",'
            '"update_time":5,"zone":"UTC"}}'
        ),
    ),
    "close": (
        BooksClose(NOON, "eve", "year end", (("issuance", "points", -5),)),
        (
            '{"books_close":{"until_time":1767268800000000,"operator":"eve",'
            '"reason":"year end","lines":[["issuance","points",-5]]}}'
        ),
    ),
    "program version": (
        ProgramVersion(3, "ab", NOON, "eve", "spring", (("points", True),)),
        (
            '{"program_version":{"version":3,"digest":"ab",'
            '"effective_time":1767268800000000,"operator":"eve","reason":"spring",'
            '"units":[["points",true]]}}'
        ),
    ),
    "unchanged program version": (
        ProgramVersion(
            3, "ab", NOON, "eve", "spring", (("miles", False),), unchanged=True
        ),
        (
            '{"program_version":{"version":3,"digest":"ab",'
            '"effective_time":1767268800000000,"operator":"eve","reason":"spring",'
            '"units":[["miles",false]],"unchanged":true}}'
        ),
    ),
    "counters": (
        transaction(
            lots=(),
            counters=(
                CounterMove("budget:words", 0, NEVER, 5),
                CounterMove("cap:daily/web", 5, 9, -3, 1),
            ),
        ),
        (
            '{"transaction":{"postings":[["issuance","member:ada","points",100]],'
            '"balance_after":100,"reason":"a purchase","counters":'
            '[["budget:words",0,null,5,0],["cap:daily/web",5,9,-3,1]]}}'
        ),
    ),
    "funding": (
        BudgetFunding("ads", "points", -5, 3, "eve", "invoice 7"),
        (
            '{"budget_funding":{"budget":"ads","unit":"points","points":-5,"left":3,'
            '"operator":"eve","reason":"invoice 7"}}'
        ),
    ),
    "figures": (
        FiguresReport("PROFIT", "LIFETIME", 0, NEVER, -5, 7, "eve", "the shop"),
        (
            '{"figures_report":{"source":"PROFIT","period":"LIFETIME","start_time":0,'
            '"end_time":null,"money":-5,"money_before":7,"operator":"eve",'
            '"reason":"the shop"}}'
        ),
    ),
    "measure": (
        LiabilityMeasure("owed", "points", 90, -50, 7, "eve", "monthly"),
        (
            '{"liability_measure":{"budget":"owed","unit":"points","outstanding":90,'
            '"relief":-50,"relief_before":7,"operator":"eve","reason":"monthly"}}'
        ),
    ),
    "notice": (
        Notice("points", (Draw(Place(PART, 3), 40, NOON),)),
        '{"notice":{"unit":"points","lots":[[7,3,40,1767268800000000]]}}',
    ),
    "demotion_notice": (
        DemotionNotice("status", "gold", "", NOON, 50),
        (
            '{"demotion_notice":{"ladder":"status","tier":"gold","projected_tier":"",'
            '"lose_time":1767268800000000,"points_to_stay":50}}'
        ),
    ),
    "score_change": (
        ScoreChange(Scores(5, 1, 0), NOON),
        '{"score_change":{"scores":[5,1,0],"until_time":1767268800000000}}',
    ),
    "batch": (BatchClaim(10_000), '{"batch":{"command_count":10000}}'),
    "refusal": (
        InsufficientPoints("ada", "points", 5, 7),
        (
            '{"refusal":{"reason":"INSUFFICIENT_POINTS",'
            '"data":{"member_id":"ada","unit":"points","available":5,"points":7}}}'
        ),
    ),
}
