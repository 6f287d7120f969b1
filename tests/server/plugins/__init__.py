"""Tests of plugins over the wire."""
