"""Carries commands out: one writer thread per process, and group commit.

    callers ──submit──▶ queue ──▶ writer ──▶ batch ──▶ commit ──▶ answers

==========  ========  ==========================================================
phase       where     what
==========  ========  ==========================================================
take        `writer`  whatever waits, up to the batch limit, and who went together;
                      a lone job at once; what nobody waits for where there is a
                      gap: see `gaps`
lock        `store`   the heads of the parts that the jobs touch, in order
read        `store`   outcomes, members, accounts and lots that were declared
decide      `batch`   each command in order of arrival, alone, in memory
check       `domain`  the books of the whole batch
write       `store`   one statement per table
commit      `store`   durable
answer      `writer`  all callers of the batch at once
==========  ========  ==========================================================

A job whose part another server process holds, or which needs more lots or counters
than were read, goes into the next batch; what touches the same parts behind it goes
with it. Callers that wait longer than they like may give
up: a queued command is still carried out, and its request id finds the outcome.

Beside the writer, `feed` follows what is committed, here and by other servers, for
all who watch.
"""
