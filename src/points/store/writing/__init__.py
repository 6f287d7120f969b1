"""What the writer reads and writes: one transaction at a time."""
