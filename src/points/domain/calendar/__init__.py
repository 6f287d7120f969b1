"""Days, periods and windows of a zone, and when points expire.

Nothing here reads a clock: instants are arguments, whole microseconds since 1970
in UTC, and every window and every life is half-open. What a calendar cannot
name, the time past the year 9999, is NEVER.

===============  =============================================================
`zones`          IANA zones, and where their days begin and end
`spans`          weeks, months, quarters, halves and years of dates
`periods`        years, months and days that are added to a date
`policies`       the ways in which points expire, as values
`expiry`         the instant at which they do
`windows`        stretches of time that limits and caps count in
`documents`      policies as a configuration writes them
===============  =============================================================
"""
