"""Keys of plugins: made of the server's own, and known to the ledger by id alone."""

from __future__ import annotations

from dataclasses import replace

from points.domain.commands import CallPlugin
from points.engine.plugins.calls import Ground, prepared
from points.engine.plugins.keys import NO_KEYS, Keyring, remember_keys
from points.plugin.registry import Plugin, Registry
from points.program.bridge import to_program
from points.program.shipped import shipped_document
from points.store.opening import Store
from tests.engine.shop import Shop, call


OLD, NEW = bytes(32), bytes([1] * 32)


def test_every_plugin_has_keys_of_its_own_in_the_order_of_the_servers() -> None:
    keyring = Keyring([NEW, OLD])

    assert keyring.of("wheel") == (
        *Keyring([NEW]).of("wheel"),
        *Keyring([OLD]).of("wheel"),
    )
    assert {len(key) for key in keyring.of("wheel")} == {32}
    assert not {*keyring.of("wheel"), NEW, OLD} & {*keyring.of("auction")}
    assert NO_KEYS.of("wheel") == ()


def test_a_newer_key_in_front_changes_no_digest() -> None:
    assert Keyring([NEW, OLD]).digest_key("shop") == Keyring([OLD]).digest_key("shop")
    assert NO_KEYS.digest_key("shop") == b""


def with_a_secret(shop: Plugin) -> Plugin:
    """Returns the shop with requests that are secret."""
    (service,) = shop.services
    methods = tuple(replace(each, is_secret=True) for each in service.methods)
    return replace(shop, services=(replace(service, methods=methods),))


def fingerprint(plugin: Plugin, keyring: Keyring, asked: CallPlugin) -> str:
    """Returns what is stored of a request."""
    ground = Ground(9, to_program(shipped_document()), 0)
    return prepared(Registry((plugin,)), keyring, asked, ground).fingerprint()


def test_a_secret_request_cannot_be_guessed_by_its_fingerprint() -> None:
    asked, secret = call("Stamp", points=5), with_a_secret(Shop().plugin())
    told = fingerprint(secret, Keyring([OLD]), asked)

    assert told != asked.fingerprint()
    assert told != fingerprint(secret, Keyring([NEW]), asked)
    assert told == fingerprint(secret, Keyring([NEW, OLD]), asked)
    assert told != fingerprint(secret, Keyring([OLD]), call("Stamp", points=6))
    assert fingerprint(Shop().plugin(), Keyring([OLD]), asked) == asked.fingerprint()


def test_a_ledger_knows_the_keys_it_was_served_with_and_which_are_missing(
    store: Store,
) -> None:
    old, new = Keyring([OLD]), Keyring([NEW])

    assert remember_keys(store.backend, NO_KEYS) == ()
    assert remember_keys(store.backend, old) == ()
    assert remember_keys(store.backend, NO_KEYS) == old.ids
    assert remember_keys(store.backend, new) == old.ids
    assert remember_keys(store.backend, Keyring([NEW, OLD])) == ()
    assert OLD.hex() not in str(old.ids)
