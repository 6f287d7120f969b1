"""Tests the demonstration, against a real server where it needs one."""
