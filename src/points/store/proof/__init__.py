"""Everything worked out anew from the records, and compared."""
