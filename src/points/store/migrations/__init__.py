"""Migrations of the core's tables, one file per change, named by date and intent."""
