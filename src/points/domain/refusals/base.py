"""What every refusal is: a class with its data and its sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self


@dataclass(eq=False)
class Refusal(Exception):  # noqa: N818 - the domain's word; it is an outcome too
    """Is a command or read that is answered with no and has changed nothing."""

    template: ClassVar[str] = ""

    def __str__(self) -> str:
        return self.template.format(**self.metadata())

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.metadata() == other.metadata()

    __hash__ = Exception.__hash__

    @classmethod
    def reason(cls) -> str:
        """Returns the name callers know, such as INSUFFICIENT_POINTS."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).upper()

    def metadata(self) -> dict[str, str]:
        """Returns everything variable in the sentence, by name."""
        return {name: str(value) for name, value in asdict(self).items()}


class Frozen(Refusal):
    """Is stored under the request id: the same call gets it again for ever."""

    @classmethod
    def thaw(cls, data: Mapping[str, Any]) -> Self:
        """Returns the refusal that was stored as `data`."""
        return cls(**data)

    def freeze(self) -> dict[str, Any]:
        """Returns what `thaw` needs."""
        return asdict(self)


class Passing(Refusal):
    """Is not stored: the same call may succeed later."""
