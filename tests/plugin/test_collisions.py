"""Two plugins that want the same thing: the first keeps it, and both are named."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from points.plugin.host import PluginState
from tests.plugin.build import install, load, manifest


CHANNEL = """
from points.plugin import Channel, Flow
@hookimpl
def channels():
    return [Channel(name="game", flows=frozenset({Flow.EARN}))]
"""


def described(plugin: str, file: str, package: str) -> str:
    """Returns the code of a plugin whose proto is added to the pool of everybody."""
    return manifest(plugin) + dedent(f"""
        from google.protobuf import descriptor_pb2, descriptor_pool
        from points.plugin import Method, Mode, Service

        pool = descriptor_pool.Default()
        file = descriptor_pb2.FileDescriptorProto(name={file!r}, package={package!r})
        file.message_type.add(name="Asked_{plugin}")
        file.service.add(name="Greeter").method.add(
            name="Greet", input_type=".{package}.Asked_{plugin}",
            output_type=".{package}.Asked_{plugin}")
        pool.AddSerializedFile(file.SerializeToString())

        @hookimpl
        def services():
            found = pool.FindServiceByName("{package}.Greeter")
            greet = Method(name="Greet", mode=Mode.QUERY, handler=lambda c, r: r)
            return [Service(descriptor=found, methods=(greet,))]
        """)


def second(site: Path) -> str:
    """Returns why the second plugin fails, the first one taking part."""
    del site
    first, failed = load().statuses
    assert first.state is PluginState.ENABLED, first.reason
    assert failed.state is PluginState.FAILED
    return failed.reason


def test_a_channel_of_two_plugins_names_both_distributions(site: Path) -> None:
    install(site, "apple", manifest("apple") + CHANNEL)
    install(site, "melon", manifest("melon") + CHANNEL)

    assert second(site) == (
        "the channel game of points-melon (melon) is one of points-apple (apple)"
        " already"
    )


def test_two_plugins_with_one_name_are_named(site: Path) -> None:
    install(site, "apple", manifest("apple"), distribution="games-a")
    install(site, "apple", manifest("apple"), distribution="games-b")

    assert second(site) == "games-b and games-a both have a plugin apple"


def test_one_module_of_two_distributions_is_seen_before_it_is_imported(
    site: Path,
) -> None:
    files = ("points_game/__init__.py", "points_game/plugin.py")
    install(site, "apple", manifest("apple"), files=files)
    bomb = "raise AssertionError('was imported')"
    install(site, "melon", bomb, files=("points_game/plugin.py", "melon/x.py"))

    assert second(site) == (
        "points-melon and points-apple both have the module points_game/plugin.py"
    )


def test_one_proto_file_of_two_plugins_names_both(site: Path) -> None:
    file = "points_clash_file/v1/x.proto"
    install(site, "fig", described("fig", file, "points.plugins.fig.v1"))
    install(site, "kiwi", described("kiwi", file, "points.plugins.kiwi.v1"))

    assert second(site) == (
        f"the proto {file} of points-kiwi is one of points-fig (fig) already"
    )


def test_one_proto_name_of_two_plugins_names_both(site: Path) -> None:
    package = "points.plugins.lime.v1"
    install(site, "lime", described("lime", "points_lime/v1/x.proto", package))
    install(site, "plum", described("plum", "points_plum/v1/x.proto", package))

    assert second(site) == (
        f"the proto {package}.Greeter of points-plum is one of points-lime (lime)"
        " already"
    )


def test_what_requires_a_plugin_that_fails_fails_with_it(site: Path) -> None:
    install(site, "base", manifest("base") + "@hookimpl\ndef channels(): return 3")
    code = manifest("extra").replace("summary=", "requires=('base',), summary=")
    install(site, "extra", code)

    _, extra = load().statuses

    assert extra.reason == "it requires the plugin base, which does not take part"
