"""Reads beside the writer, from snapshots."""
