"""Bids that are holds on real points: a plugin of the points engine."""
