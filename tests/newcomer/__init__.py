"""The way of a new author, from nothing to a call over gRPC."""
