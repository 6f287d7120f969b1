"""What is wrong with a value, in words that say what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from points.program.problems import Path


_SHOWN_MAX: Final = 64

_REASONS: Final[Mapping[str, str]] = {
    "missing": "is required",
    "string_type": "must be a text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "mapping_type": "must be a table",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} of them",
    "too_long": "must have at most {max_length} of them",
    "enum": "must be {expected}",
    "invalid-json-value": "must be a whole number, a text, a list or a table",
}
_SHOWING: Final = {"string_type", "int_type", "bool_type", "enum", "greater_than_equal"}


def reason_of(error: ErrorDetails, model: type[BaseModel]) -> str:
    """Returns the words for an error of pydantic that a model has found."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(error["loc"], model)
    if kind == "value_error":
        return str(context["error"])
    reason = _REASONS.get(kind)
    if reason is None:
        return f"cannot be used: {error['msg']}"
    shown = f", not {_shown(error['input'])}" if kind in _SHOWING else ""
    return reason.format(**context) + shown


def path_in(location: Sequence[int | str], value: Any) -> Path:
    """Returns the part of a location that leads through the document.

    Pydantic names the kinds of a union, and says `[key]` for a key itself.
    """
    path: list[int | str] = []
    for at, step in enumerate(location):
        may_miss = at == len(location) - 1 and step != "[key]"
        if isinstance(value, Mapping) and (step in value or may_miss):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            break
        path.append(step)
    return tuple(path)


def _unknown_key(location: Sequence[int | str], model: type[BaseModel]) -> str:
    known = list(_model_at(location[:-1], model).model_fields)
    near = get_close_matches(str(location[-1]), known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(known)}"
    return f"is not known here: {hint}"


def _model_at(location: Sequence[int | str], model: type[BaseModel]) -> type[BaseModel]:
    """Returns the model whose keys stand at a location."""
    annotation: Any = model
    for step in location:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            annotation = annotation.model_fields[str(step)].annotation
        else:
            annotation = _inner(annotation, lambda each: get_origin(each) is not None)
            annotation = get_args(annotation)[-1 if isinstance(step, str) else 0]
        annotation = _inner(annotation, _is_table)
    found: type[BaseModel] = annotation
    return found


def _inner(annotation: Any, wanted: Callable[[Any], bool]) -> Any:
    """Returns what an optional or annotated type is about."""
    if isinstance(annotation, type) or _is_container(annotation):
        return annotation
    parts = (_inner(each, wanted) for each in get_args(annotation))
    return next((part for part in parts if wanted(part)), annotation)


def _is_container(annotation: Any) -> bool:
    return get_origin(annotation) in (tuple, list, dict) or (
        isinstance(get_origin(annotation), type)
        and issubclass(get_origin(annotation), Mapping)
    )


def _is_table(annotation: Any) -> bool:
    is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return is_model or _is_container(annotation)


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text[:_SHOWN_MAX]
