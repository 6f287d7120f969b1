"""Wheels, grids, slots and scratch cards: chance that can be proved."""
