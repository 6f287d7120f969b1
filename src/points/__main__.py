"""Runs the command line: `python -m points`."""

from points.cli.main import main


main()
