"""The command line: as real processes, and inside this one where that is enough."""
