"""Giving points to causes: campaigns, matching pools, receipts. A plugin."""
