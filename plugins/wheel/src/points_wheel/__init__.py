"""Wheels, grids, slots and scratch cards whose draws can be proved: a plugin."""
