"""Tests of giving."""
