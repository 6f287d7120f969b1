"""What went wrong and a person at the command line can mend.

It knows nothing else, so that a command that fails early has imported nothing.
"""

from __future__ import annotations


class Mendable(Exception):  # noqa: N818 - says what can be done about it
    """Is the base of what ends a command in one line: the message says what to do."""
