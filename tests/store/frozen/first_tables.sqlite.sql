CREATE TABLE alembic_version_core (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_core_pkc PRIMARY KEY (version_num)
);

CREATE TABLE layout (
    part INTEGER NOT NULL,
    part_count INTEGER NOT NULL,
    CONSTRAINT layout_pk PRIMARY KEY (part)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE head (
    part INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    last_lot_number INTEGER NOT NULL,
    last_time INTEGER NOT NULL,
    last_hold_number INTEGER NOT NULL,
    closed_time INTEGER NOT NULL,
    program_version INTEGER NOT NULL,
    chain TEXT NOT NULL,
    CONSTRAINT head_pk PRIMARY KEY (part)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE member (
    part INTEGER NOT NULL,
    member_id TEXT NOT NULL,
    state TEXT NOT NULL,
    attributes TEXT NOT NULL,
    create_time INTEGER NOT NULL,
    update_time INTEGER NOT NULL,
    version INTEGER NOT NULL,
    merged_into TEXT NOT NULL,
    pool TEXT NOT NULL,
    pools_into TEXT NOT NULL,
    CONSTRAINT member_pk PRIMARY KEY (part, member_id)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE account (
    part INTEGER NOT NULL,
    account TEXT NOT NULL,
    unit TEXT NOT NULL,
    balance INTEGER NOT NULL,
    floor INTEGER NOT NULL,
    lifetime_earned INTEGER NOT NULL,
    lifetime_burned INTEGER NOT NULL,
    lifetime_expired INTEGER NOT NULL,
    limits TEXT NOT NULL,
    usage TEXT NOT NULL,
    shortfall INTEGER NOT NULL,
    CONSTRAINT account_pk PRIMARY KEY (part, account, unit),
    CONSTRAINT account_balance_at_least_floor CHECK (balance >= floor)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE lot (
    part INTEGER NOT NULL,
    number INTEGER NOT NULL,
    member_id TEXT NOT NULL,
    unit TEXT NOT NULL,
    points INTEGER NOT NULL,
    remaining INTEGER NOT NULL,
    earn_time INTEGER NOT NULL,
    activate_time INTEGER NOT NULL,
    expire_time INTEGER NOT NULL,
    record_number INTEGER NOT NULL,
    held INTEGER NOT NULL,
    waits_for TEXT NOT NULL,
    expiry TEXT NOT NULL,
    origin TEXT NOT NULL,
    ended INTEGER NOT NULL,
    noticed_time INTEGER NOT NULL,
    is_drawn INTEGER NOT NULL,
    CONSTRAINT lot_pk PRIMARY KEY (part, number),
    CONSTRAINT lot_remaining_in_bounds CHECK (remaining >= 0 AND held >= 0 AND remaining + held <= points)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX lot_draw_order ON lot (part, member_id, is_drawn, unit, expire_time, number);

CREATE INDEX lot_due ON lot (expire_time, part, number) WHERE is_drawn = 0 AND expire_time < 9223372036854775807;

CREATE INDEX lot_unnoticed ON lot (unit, expire_time, part, number) WHERE is_drawn = 0 AND noticed_time <> expire_time AND expire_time <= 253402300799999999;

CREATE TABLE hold (
    part INTEGER NOT NULL,
    number INTEGER NOT NULL,
    member_id TEXT NOT NULL,
    unit TEXT NOT NULL,
    points INTEGER NOT NULL,
    draws TEXT NOT NULL,
    captured_points INTEGER NOT NULL,
    voided_points INTEGER NOT NULL,
    state TEXT NOT NULL,
    place_time INTEGER NOT NULL,
    lapse_time INTEGER NOT NULL,
    update_time INTEGER NOT NULL,
    on_timeout TEXT NOT NULL,
    freeze_expiry INTEGER NOT NULL,
    sink TEXT NOT NULL,
    reason TEXT NOT NULL,
    record_number INTEGER NOT NULL,
    CONSTRAINT hold_pk PRIMARY KEY (part, number)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX hold_of_member ON hold (part, member_id, number);

CREATE INDEX hold_open ON hold (part, member_id, unit, lapse_time) WHERE state = 'OPEN';

CREATE INDEX hold_due ON hold (lapse_time, part, number) WHERE state = 'OPEN';

CREATE TABLE reversal (
    part INTEGER NOT NULL,
    number INTEGER NOT NULL,
    reversed_points INTEGER NOT NULL,
    returned TEXT NOT NULL,
    CONSTRAINT reversal_pk PRIMARY KEY (part, number)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE progress (
    part INTEGER NOT NULL,
    member_id TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT progress_pk PRIMARY KEY (part, member_id)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE program_version (
    part INTEGER NOT NULL,
    version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    effective_time INTEGER NOT NULL,
    apply_time INTEGER NOT NULL,
    operator TEXT NOT NULL,
    reason TEXT NOT NULL,
    units TEXT NOT NULL,
    document TEXT NOT NULL,
    CONSTRAINT program_version_pk PRIMARY KEY (part, version)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE counter (
    part INTEGER NOT NULL,
    name TEXT NOT NULL,
    start_time INTEGER NOT NULL,
    end_time INTEGER NOT NULL,
    used INTEGER NOT NULL,
    granted INTEGER NOT NULL,
    CONSTRAINT counter_pk PRIMARY KEY (part, name, start_time),
    CONSTRAINT counter_used_in_bounds CHECK (used >= 0 AND (substr(name, 1, 6) <> 'funds:' OR used <= granted))
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE standing (
    part INTEGER NOT NULL,
    member_id TEXT NOT NULL,
    ladder TEXT NOT NULL,
    tier TEXT NOT NULL,
    since_time INTEGER NOT NULL,
    until_time INTEGER NOT NULL,
    lose_time INTEGER NOT NULL,
    floor TEXT NOT NULL,
    floor_until_time INTEGER NOT NULL,
    due_time INTEGER NOT NULL,
    cause TEXT NOT NULL,
    update_time INTEGER NOT NULL,
    earned TEXT NOT NULL,
    earned_time INTEGER NOT NULL,
    base TEXT NOT NULL,
    history TEXT NOT NULL,
    noticed_time INTEGER NOT NULL,
    CONSTRAINT standing_pk PRIMARY KEY (part, member_id, ladder)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX standing_in_tier ON standing (ladder, tier, part, member_id);

CREATE INDEX standing_due ON standing (due_time, part, member_id) WHERE due_time < 9223372036854775807;

CREATE TABLE claim (
    part INTEGER NOT NULL,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    member_id TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    award_number INTEGER NOT NULL,
    unit TEXT NOT NULL,
    points INTEGER NOT NULL,
    create_time INTEGER NOT NULL,
    lapse_time INTEGER NOT NULL,
    budget TEXT NOT NULL,
    state TEXT NOT NULL,
    claim_record INTEGER NOT NULL,
    reserve TEXT NOT NULL,
    reserve_start INTEGER NOT NULL,
    reserve_end INTEGER NOT NULL,
    CONSTRAINT claim_pk PRIMARY KEY (part, number, position)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX claim_of_member ON claim (part, member_id, number, position);

CREATE INDEX claim_open ON claim (part, member_id, number, position) WHERE state = 'OPEN';

CREATE INDEX claim_reserved ON claim (lapse_time, part, number, position) WHERE state = 'OPEN' AND reserve <> '';

CREATE TABLE document (
    part INTEGER NOT NULL,
    plugin TEXT NOT NULL,
    collection TEXT NOT NULL,
    owner TEXT NOT NULL,
    "key" TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    due_time INTEGER NOT NULL,
    CONSTRAINT document_pk PRIMARY KEY (part, plugin, collection, owner, "key")
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX document_due ON document (due_time, part, plugin, collection, owner, "key") WHERE due_time < 9223372036854775807;

CREATE INDEX document_of_collection ON document (plugin, collection, owner, "key", part);

CREATE TABLE record (
    part INTEGER NOT NULL,
    number INTEGER NOT NULL,
    member_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    is_transaction INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    effective_time INTEGER NOT NULL,
    record_time INTEGER NOT NULL,
    reverses INTEGER NOT NULL,
    program_version INTEGER NOT NULL,
    body TEXT NOT NULL,
    personal TEXT NOT NULL,
    chain TEXT NOT NULL,
    CONSTRAINT record_pk PRIMARY KEY (part, number),
    CONSTRAINT record_request_id UNIQUE (part, member_id, request_id)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX record_statement ON record (part, member_id, number) WHERE is_transaction = 1;

CREATE INDEX record_reverses ON record (part, reverses, number) WHERE reverses > 0;

CREATE INDEX record_dated_back ON record (part, member_id, effective_time, number) WHERE is_transaction = 1 AND effective_time < record_time;
