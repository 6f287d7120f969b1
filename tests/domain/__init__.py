"""Tests of the rules: values in, decisions and refusals out."""
