"""Tests the client against a real gRPC server that follows a script."""
