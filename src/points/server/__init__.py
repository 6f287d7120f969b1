"""Speaks gRPC: converts a request to a command, an outcome to an answer.

The only asynchronous code of the program. A call goes through

    bytes ─▶ `calls` ─▶ a service ─▶ `writes` ─▶ engine   (async stops here)
                                  └▶ `reads`  ─▶ store, in `readers`' threads

where `calls` alone parses, logs and turns refusals into status codes, so that a
service method only converts and awaits.

=================  ===========================================================
`calls`            one wrapper around every method
`errors`           which refusal has which status code and details
`requests`         protobuf to commands
`answers`          values to protobuf
`writes`           jobs to the writer and back
`reads`            snapshots, how fresh, page by page
`readers`          threads that read, as few of them for all callers as will do
`glances`          balances of all who ask at a time, in one statement
`member_service`   MemberService
`ledger_service`   LedgerService
`batch_write`      BatchWrite
`changes`          ListChanges and Watch
`watchers`         hands each change to all who watch
`reflection`       what tools may ask about the services
`serving`          the server: start, health, drain, stop
=================  ===========================================================
"""
