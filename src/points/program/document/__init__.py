"""The document as frozen models: unknown keys are refused, defaults are said.

===============  =============================================================
`fields`         the kinds of values: names, ratios, moments, expressions
`units`          units, money and pending policies
`audiences`      sub-programs, segments, scores, pools and partners
`ladders`        ladders of tiers
`earning`        rules, their awards, and multipliers
`bounds`         caps, budgets and claims
`root`           the document itself
===============  =============================================================

Things that are named stand in tables by their name; tiers, whose order matters,
in lists. Where a table has one of several forms, exactly one key says which.
"""
