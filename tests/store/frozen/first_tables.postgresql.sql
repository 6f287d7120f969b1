CREATE TABLE alembic_version_core (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_core_pkc PRIMARY KEY (version_num)
);

CREATE TABLE layout (
    part SERIAL NOT NULL,
    part_count INTEGER NOT NULL,
    CONSTRAINT layout_pk PRIMARY KEY (part)
);

CREATE TABLE head (
    part SERIAL NOT NULL,
    last_number BIGINT NOT NULL,
    last_lot_number BIGINT NOT NULL,
    last_time BIGINT NOT NULL,
    last_hold_number BIGINT NOT NULL,
    closed_time BIGINT NOT NULL,
    program_version BIGINT NOT NULL,
    chain TEXT NOT NULL,
    CONSTRAINT head_pk PRIMARY KEY (part)
)
 WITH (fillfactor = 70);

CREATE TABLE member (
    part INTEGER NOT NULL,
    member_id TEXT COLLATE "C" NOT NULL,
    state TEXT NOT NULL,
    attributes TEXT NOT NULL,
    create_time BIGINT NOT NULL,
    update_time BIGINT NOT NULL,
    version BIGINT NOT NULL,
    merged_into TEXT COLLATE "C" NOT NULL,
    pool TEXT COLLATE "C" NOT NULL,
    pools_into TEXT COLLATE "C" NOT NULL,
    CONSTRAINT member_pk PRIMARY KEY (part, member_id)
);

CREATE TABLE account (
    part INTEGER NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    balance BIGINT NOT NULL,
    floor BIGINT NOT NULL,
    lifetime_earned BIGINT NOT NULL,
    lifetime_burned BIGINT NOT NULL,
    lifetime_expired BIGINT NOT NULL,
    limits TEXT NOT NULL,
    usage TEXT NOT NULL,
    shortfall BIGINT NOT NULL,
    CONSTRAINT account_pk PRIMARY KEY (part, account, unit),
    CONSTRAINT account_balance_at_least_floor CHECK (balance >= floor)
)
 WITH (fillfactor = 70);

CREATE TABLE lot (
    part INTEGER NOT NULL,
    number BIGINT NOT NULL,
    member_id TEXT COLLATE "C" NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    points BIGINT NOT NULL,
    remaining BIGINT NOT NULL,
    earn_time BIGINT NOT NULL,
    activate_time BIGINT NOT NULL,
    expire_time BIGINT NOT NULL,
    record_number BIGINT NOT NULL,
    held BIGINT NOT NULL,
    waits_for TEXT NOT NULL,
    expiry TEXT NOT NULL,
    origin TEXT NOT NULL,
    ended BIGINT NOT NULL,
    noticed_time BIGINT NOT NULL,
    is_drawn SMALLINT NOT NULL,
    CONSTRAINT lot_pk PRIMARY KEY (part, number),
    CONSTRAINT lot_remaining_in_bounds CHECK (remaining >= 0 AND held >= 0 AND remaining + held <= points)
)
 WITH (fillfactor = 70);

CREATE INDEX lot_draw_order ON lot (part, member_id, is_drawn, unit, expire_time, number);

CREATE INDEX lot_due ON lot (expire_time, part, number) WHERE is_drawn = 0 AND expire_time < 9223372036854775807;

CREATE INDEX lot_unnoticed ON lot (unit, expire_time, part, number) WHERE is_drawn = 0 AND noticed_time <> expire_time AND expire_time <= 253402300799999999;

CREATE TABLE hold (
    part INTEGER NOT NULL,
    number BIGINT NOT NULL,
    member_id TEXT COLLATE "C" NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    points BIGINT NOT NULL,
    draws TEXT NOT NULL,
    captured_points BIGINT NOT NULL,
    voided_points BIGINT NOT NULL,
    state TEXT NOT NULL,
    place_time BIGINT NOT NULL,
    lapse_time BIGINT NOT NULL,
    update_time BIGINT NOT NULL,
    on_timeout TEXT NOT NULL,
    freeze_expiry SMALLINT NOT NULL,
    sink TEXT COLLATE "C" NOT NULL,
    reason TEXT NOT NULL,
    record_number BIGINT NOT NULL,
    CONSTRAINT hold_pk PRIMARY KEY (part, number)
)
 WITH (fillfactor = 70);

CREATE INDEX hold_of_member ON hold (part, member_id, number);

CREATE INDEX hold_open ON hold (part, member_id, unit, lapse_time) WHERE state = 'OPEN';

CREATE INDEX hold_due ON hold (lapse_time, part, number) WHERE state = 'OPEN';

CREATE TABLE reversal (
    part INTEGER NOT NULL,
    number BIGINT NOT NULL,
    reversed_points BIGINT NOT NULL,
    returned TEXT NOT NULL,
    CONSTRAINT reversal_pk PRIMARY KEY (part, number)
)
 WITH (fillfactor = 70);

CREATE TABLE progress (
    part INTEGER NOT NULL,
    member_id TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT progress_pk PRIMARY KEY (part, member_id)
)
 WITH (fillfactor = 70);

CREATE TABLE program_version (
    part INTEGER NOT NULL,
    version BIGINT NOT NULL,
    digest TEXT NOT NULL,
    effective_time BIGINT NOT NULL,
    apply_time BIGINT NOT NULL,
    operator TEXT COLLATE "C" NOT NULL,
    reason TEXT NOT NULL,
    units TEXT NOT NULL,
    document TEXT NOT NULL,
    CONSTRAINT program_version_pk PRIMARY KEY (part, version)
);

CREATE TABLE counter (
    part INTEGER NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    start_time BIGINT NOT NULL,
    end_time BIGINT NOT NULL,
    used BIGINT NOT NULL,
    granted BIGINT NOT NULL,
    CONSTRAINT counter_pk PRIMARY KEY (part, name, start_time),
    CONSTRAINT counter_used_in_bounds CHECK (used >= 0 AND (substr(name, 1, 6) <> 'funds:' OR used <= granted))
)
 WITH (fillfactor = 70);

CREATE TABLE standing (
    part INTEGER NOT NULL,
    member_id TEXT COLLATE "C" NOT NULL,
    ladder TEXT COLLATE "C" NOT NULL,
    tier TEXT COLLATE "C" NOT NULL,
    since_time BIGINT NOT NULL,
    until_time BIGINT NOT NULL,
    lose_time BIGINT NOT NULL,
    floor TEXT COLLATE "C" NOT NULL,
    floor_until_time BIGINT NOT NULL,
    due_time BIGINT NOT NULL,
    cause TEXT NOT NULL,
    update_time BIGINT NOT NULL,
    earned TEXT COLLATE "C" NOT NULL,
    earned_time BIGINT NOT NULL,
    base TEXT COLLATE "C" NOT NULL,
    history TEXT NOT NULL,
    noticed_time BIGINT NOT NULL,
    CONSTRAINT standing_pk PRIMARY KEY (part, member_id, ladder)
)
 WITH (fillfactor = 70);

CREATE INDEX standing_in_tier ON standing (ladder, tier, part, member_id);

CREATE INDEX standing_due ON standing (due_time, part, member_id) WHERE due_time < 9223372036854775807;

CREATE TABLE claim (
    part INTEGER NOT NULL,
    number BIGINT NOT NULL,
    position BIGINT NOT NULL,
    member_id TEXT COLLATE "C" NOT NULL,
    rule_id TEXT COLLATE "C" NOT NULL,
    award_number BIGINT NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    points BIGINT NOT NULL,
    create_time BIGINT NOT NULL,
    lapse_time BIGINT NOT NULL,
    budget TEXT COLLATE "C" NOT NULL,
    state TEXT NOT NULL,
    claim_record BIGINT NOT NULL,
    reserve TEXT COLLATE "C" NOT NULL,
    reserve_start BIGINT NOT NULL,
    reserve_end BIGINT NOT NULL,
    CONSTRAINT claim_pk PRIMARY KEY (part, number, position)
)
 WITH (fillfactor = 70);

CREATE INDEX claim_of_member ON claim (part, member_id, number, position);

CREATE INDEX claim_open ON claim (part, member_id, number, position) WHERE state = 'OPEN';

CREATE INDEX claim_reserved ON claim (lapse_time, part, number, position) WHERE state = 'OPEN' AND reserve <> '';

CREATE TABLE document (
    part INTEGER NOT NULL,
    plugin TEXT COLLATE "C" NOT NULL,
    collection TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    due_time BIGINT NOT NULL,
    CONSTRAINT document_pk PRIMARY KEY (part, plugin, collection, owner, key)
)
 WITH (fillfactor = 70);

CREATE INDEX document_due ON document (due_time, part, plugin, collection, owner, key) WHERE due_time < 9223372036854775807;

CREATE INDEX document_of_collection ON document (plugin, collection, owner, key, part);

CREATE TABLE record (
    part INTEGER NOT NULL,
    number BIGINT NOT NULL,
    member_id TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    is_transaction SMALLINT NOT NULL,
    fingerprint TEXT NOT NULL,
    effective_time BIGINT NOT NULL,
    record_time BIGINT NOT NULL,
    reverses BIGINT NOT NULL,
    program_version BIGINT NOT NULL,
    body TEXT NOT NULL,
    personal TEXT NOT NULL,
    chain TEXT NOT NULL,
    CONSTRAINT record_pk PRIMARY KEY (part, number),
    CONSTRAINT record_request_id UNIQUE (part, member_id, request_id)
);

CREATE INDEX record_statement ON record (part, member_id, number) WHERE is_transaction = 1;

CREATE INDEX record_reverses ON record (part, reverses, number) WHERE reverses > 0;

CREATE INDEX record_dated_back ON record (part, member_id, effective_time, number) WHERE is_transaction = 1 AND effective_time < record_time;
