"""The rules: frozen values, and pure functions from state and command to decision.

Nothing here reads a clock, draws a random number, logs or touches a database.
Instants are whole microseconds since 1970 in UTC; points are whole numbers.

===============  =============================================================
`identity`       parts, record ids, names of accounts
`bounds`         every limit, with its reason
`values`         members, accounts, lots, postings, transactions, records
`calendar`       zones, expiry policies, windows of limits
`program`        the units and sinks that exist
`commands`       what callers may ask for, and which state each command reads
`state`          what a decision may look at
`decisions`      one module per kind of command
`refusals`       one class per reason to say no
`changes`        where a reader of the feed stands, and what it wants
`books`          what must hold before anything is committed
===============  =============================================================
"""
