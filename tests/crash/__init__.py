"""Servers that are killed under load, and what must be left of their answers.

`traffic` makes requests, `journal` remembers what was answered, `load` sends the one
from several threads and keeps the other, `checks` compares it with what the ledger
says, and `crashes` kills and restarts servers. `soak` does that for as long as
wanted: `python -m tests.crash.soak --kills 200`.
"""
