"""The changes, the oldest first by `down_revision`."""
