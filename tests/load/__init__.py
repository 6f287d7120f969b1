"""Load runs and benchmarks, by hand: `uv run poe bench`. Ratios, never a timed test."""
