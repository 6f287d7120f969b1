"""The program of a load run: the shop's rules, and what each plugin's profiles need."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.load.profiles import PLUGINS


SHOP: Final = PLUGINS.parent / "src/points/program/examples/retail.yaml"
_SECTIONS: Final = "\nplugins:\n"


def write_program(folder: Path) -> Path:
    """Returns a document with the rules of `retail` and the settings of all plugins.

    As texts: a document that was read and written again would not be the same.
    """
    settings = [
        file.read_text() for file in sorted(PLUGINS.glob("*/load/program.yaml"))
    ]
    sections = (text.partition(_SECTIONS)[2] for text in settings)
    file = folder / "program.yaml"
    file.write_text(SHOP.read_text() + _SECTIONS + "".join(sections))
    return file
