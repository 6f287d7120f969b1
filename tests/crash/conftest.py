"""Fixtures of the crash tests."""

from tests.cli.bytecode import shared_bytecode


__all__ = ["shared_bytecode"]
