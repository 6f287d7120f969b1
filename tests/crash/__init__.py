"""Servers that are killed under load, and what must be left of their answers.

`traffic` makes requests of all kinds about what `targets` has, `journal` remembers
what was answered, `load` sends the one from several threads and keeps the other,
`checks` compares it with what the ledger says, and `crashes` kills and restarts
servers, ours and PostgreSQL's. `soak` does that for as long as wanted:
`python -m tests.crash.soak --kills 200 --database postgresql`.
"""
