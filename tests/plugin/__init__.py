"""Plugins are found and loaded, each behind its own guard."""
