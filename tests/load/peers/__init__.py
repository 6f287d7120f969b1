"""What the engine is measured against: what a team would write without it."""
