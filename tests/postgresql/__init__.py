"""Real PostgreSQL servers for tests, and ways to lose them.

`installation` finds the programs of PostgreSQL, `cluster` runs them on a data
directory of its own that `guard` removes, `server` is what tests talk to and
`fixtures` hands it to them. `proxy` cuts connections in front of any server.
"""
