"""Tests of the writer and its batches."""
