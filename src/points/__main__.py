"""Runs the command line: `python -m points`."""

from points.cli.main import main


# Workers import this module, too, as the one their parent was started with.
if __name__ == "__main__":
    main()
