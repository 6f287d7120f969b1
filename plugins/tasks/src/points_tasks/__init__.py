"""Points for what members do: a plugin of the points engine."""
