"""Tests of the calendar: tables of known answers, and laws that hold for all."""
