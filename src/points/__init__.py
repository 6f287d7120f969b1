"""A points engine: an atomic points ledger behind gRPC."""
