"""Tests of the program as a document, and of what its rules earn."""
