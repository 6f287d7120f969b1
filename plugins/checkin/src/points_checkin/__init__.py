"""Points for coming back, day after day: a plugin of the points engine."""
