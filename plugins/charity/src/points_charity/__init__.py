"""Giving points to causes: campaigns, matching pools, receipts: a plugin of the points engine."""
