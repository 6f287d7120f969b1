"""The engine's side of plugins: what their functions see, and what becomes of it.

    route ──▶ read ──▶ decide: handler(context, request) ──▶ record CALL ──▶ answer

A call of a plugin is a command like any other. What its handler asks the ledger to
do is decided and recorded at once, by the same decisions, on the state that the
batch has read; what it asks for beyond that is read in the next batch, and the call
is decided again. At the end one record tells everything else that has changed.
"""
