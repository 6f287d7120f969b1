"""Plugins behind gRPC: their own services, and the one that lists and switches them."""
