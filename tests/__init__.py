"""The tests, in the layers of the source: domain, store, engine, server, cli."""
