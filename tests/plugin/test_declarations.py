"""What a plugin declares is checked at start: rubbish fails it alone, in a sentence."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.plugin.build import install, load, manifest, reason


def declared(site: Path, hook: str, answer: str) -> str:
    """Returns why a plugin fails whose hook returns this."""
    imports = (
        "from dataclasses import dataclass\n"
        "from points.plugin import *\n"
        "def two(ctx, what): ...\n"
        "def one(what): ...\n"
        "async def later(ctx, what): ...\n"
        "@dataclass(frozen=True)\n"
        "class Note:\n"
        "    text: str\n"
    )
    code = f"@hookimpl\ndef {hook}():\n    return {answer}\n"
    return reason(site, imports + manifest("wrong") + code)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("None", "the hook channels must return a list, not NoneType"),
        ("'game'", "the hook channels must return a list, not str"),
        ("{'game': 1}", "the hook channels must return a list, not dict"),
        ("[3]", "a Channel is expected, not 3"),
        (
            "[Channel(name=3, flows=frozenset({Flow.EARN}))]",
            "the channel 3: name cannot be 3",
        ),
        (
            "[Channel(name='Game', flows=frozenset({Flow.EARN}))]",
            "the channel Game: 'Game' does not match [a-z][a-z0-9_]{0,31}",
        ),
        (
            "[Channel(name='game', flows=['EARN'])]",
            "the channel game: flows cannot be ['EARN']",
        ),
        (
            "[Channel(name='game', flows=frozenset())]",
            "the channel game: flows must be some of EARN, BURN, HOLD",
        ),
        (
            "[Channel(name='core', flows=frozenset({Flow.EARN}))]",
            "the channel core: the name is that of the core's own channel",
        ),
        (
            (
                "[Channel(name='game', flows=frozenset({Flow.EARN}),"
                " caps=(Cap(flow=Flow.BURN, points=1, window=Window.DAY),))]"
            ),
            "the channel game: a cap is about BURN, which is no flow of it",
        ),
        (
            (
                "[Channel(name='game', flows=frozenset({Flow.EARN}),"
                " caps=(Cap(flow=Flow.EARN, points=-1, window=Window.DAY),))]"
            ),
            "the channel game: a cap must be from 0 to 9223372036854775807 points",
        ),
        (
            (
                "[Channel(name='game', flows=frozenset({Flow.EARN})),"
                " Channel(name='game', flows=frozenset({Flow.BURN}))]"
            ),
            "the hook channels returns game twice",
        ),
        (
            (
                "(Channel(name=f'a{n}', flows=frozenset({Flow.EARN}))"
                " for n in __import__('itertools').count())"
            ),
            "the hook channels returns more than 1000 things",
        ),
    ],
)
def test_channels_are_checked(site: Path, answer: str, why: str) -> None:
    assert declared(site, "channels", answer) == why


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("[Note]", "a Collection is expected, not <class "),
        (
            "[Collection(name='job:x', type=Note)]",
            "the collection job:x: 'job:x' does not match [a-z0-9_]{1,32}",
        ),
        ("[Collection(name='a', type=3)]", "the collection a: type cannot be 3"),
        (
            "[Collection(name='a', type=Note, version=0)]",
            "the collection a: versions begin at 1",
        ),
        (
            "[Collection(name='a', type=Note, bytes_max=2**30)]",
            "the collection a: bytes_max must be from 1 to 1048576",
        ),
        (
            "[Collection(name='a', type=Note, upgrades={1: one})]",
            "the collection a: there is nothing to upgrade from version 1",
        ),
        (
            "[Collection(name='a', type=Note, version=2, upgrades={1: two})]",
            "the collection a: upgrade 1: its function has to take 1 arguments",
        ),
    ],
)
def test_collections_are_checked(site: Path, answer: str, why: str) -> None:
    assert declared(site, "collections", answer).startswith(why)


@pytest.mark.parametrize(
    ("hook", "answer", "why"),
    [
        (
            "reasons",
            "[Reason('full', Answer.NOT_FOUND, 'x')]",
            "the reason full: 'full' does not match [A-Z][A-Z0-9_]{0,63}",
        ),
        (
            "reasons",
            "[Reason('FULL', 'TEAPOT', 'x')]",
            "the reason FULL: answer cannot be 'TEAPOT'",
        ),
        (
            "transforms",
            "[Transform(name='a', handler=one)]",
            "the transform a: its function has to take 2 arguments",
        ),
        (
            "reactions",
            "[Reaction(name='a', kinds=frozenset({'EARM'}), handler=two)]",
            "the reaction a: EARM is no kind of record, such as EARN",
        ),
        (
            "reactions",
            "[Reaction(name='a', kinds=frozenset(), handler=two)]",
            "the reaction a: nothing is no kind of record, such as EARN",
        ),
        (
            "reactions",
            "[Reaction(name='a', kinds=frozenset({'EARN'}), handler=later)]",
            "the reaction a: its function is asynchronous, and has to be plain",
        ),
        (
            "subscribers",
            "[Subscriber(name='a', events=frozenset({'won'}), handler=two)]",
            "the subscriber a: its function has to take 1 arguments",
        ),
        (
            "subscribers",
            "[Subscriber(name='a', events=frozenset(), handler=one, attempts=0)]",
            "the subscriber a: attempts must be from 1 to 100",
        ),
        (
            "jobs",
            "[Job(name='a', handler='b')]",
            "the job a: 'b' is no function",
        ),
        (
            "jobs",
            "[Job(name='a', handler=two, attempts=True)]",
            "the job a: attempts cannot be True",
        ),
        (
            "commands",
            "[two]",
            "the hook commands must return click commands, not <function ",
        ),
        (
            "config_model",
            "Note",
            "the hook config_model must return a pydantic model, not <class ",
        ),
    ],
)
def test_everything_else_is_checked(
    site: Path, hook: str, answer: str, why: str
) -> None:
    assert declared(site, hook, answer).startswith(why)


def test_a_configuration_needs_a_default_for_everything(site: Path) -> None:
    code = """
        from pydantic import BaseModel

        class Settings(BaseModel):
            cost: int

        @hookimpl
        def config_model():
            return Settings
        """
    install(site, "wrong", manifest("wrong"))

    why = reason_with(site, code)

    assert why.startswith("the configuration has no default for everything: ")
    assert "cost" in why


def reason_with(site: Path, code: str) -> str:
    """Returns why a second plugin fails that has this code, too."""
    install(site, "second", manifest("second") + dedent(code))
    status = load().status("second")
    assert status is not None
    return status.reason


def test_a_hook_that_raises_fails_the_plugin(site: Path) -> None:
    assert declared(site, "channels", "1 / 0") == "ZeroDivisionError: division by zero"


def test_an_asynchronous_hook_is_refused(site: Path) -> None:
    code = "@hookimpl\nasync def channels(): ..."

    why = reason(site, manifest("wrong") + code)

    assert why == "the hook channels is asynchronous: hooks are plain functions"


def test_a_hook_that_wraps_others_is_refused(site: Path) -> None:
    code = "@hookimpl(wrapper=True)\ndef channels():\n    return (yield)"

    why = reason(site, manifest("wrong") + code)

    assert why == "the hook channels wraps those of others: hooks here only declare"


@pytest.mark.parametrize("name", ["core", "points", "system"])
def test_names_of_the_host_are_refused(site: Path, name: str) -> None:
    install(site, name, manifest(name))

    (status,) = load().statuses

    assert status.reason == f"the name {name} is kept for the host itself"


def test_a_plugin_is_installed_under_its_own_name(site: Path) -> None:
    why = reason(site, manifest("other"))

    assert why == "it is installed as wrong, but its manifest says other"


def test_what_is_declared_is_in_the_registry(site: Path) -> None:
    code = """
        from points.plugin import Channel, Flow, Reaction

        def react(ctx, recorded): ...

        @hookimpl
        def channels():
            return [Channel(name="game", flows=frozenset({Flow.EARN}))]

        @hookimpl
        def reactions():
            yield Reaction(name="r", kinds=frozenset({"EARN"}), handler=react)
        """
    install(site, "hello", manifest("hello") + dedent(code))

    registry = load().registry

    assert registry.channels["game"][0].name == "hello"
    assert [bound.what.name for bound in registry.reactions["EARN"]] == ["r"]
