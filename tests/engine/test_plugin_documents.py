"""Documents of plugins: what is too long undoes the call that would keep it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from points.domain.plugin_calls import PluginCall
from points.domain.refusals import Internal
from points.engine.engine import Engine
from points.plugin import Collection, Context
from points.store.opening import Store
from tests.domain.build import create_member
from tests.engine.build import balance, carry_out, differences, results
from tests.engine.shop import Message, Shop, Stamps, call
from tests.store.build import rows


NOTES: Final = Collection(name="notes", type=Stamps, bytes_max=len('{"count":99}'))


def note(context: Context, request: Message) -> Message:
    """Earns, and keeps a document as long as its count."""
    context.ledger.earn(5)
    context.state.put(NOTES, request.member_id, Stamps(request.count))
    return Message()


@pytest.mark.parametrize(("count", "is_kept"), [(99, True), (100, False)])
def test_a_document_over_its_size_is_not_kept_and_nothing_is_earned(
    make_engine: Callable[..., Engine], store: Store, *, count: int, is_kept: bool
) -> None:
    shop = Shop(extra={"Note": note}, more={"collections": (NOTES,)})
    engine = make_engine(store, plugins=shop.plugins())
    carry_out(engine, create_member())

    (found,) = results(carry_out(engine, call("Note", count=count)))

    assert found is (PluginCall if is_kept else Internal)
    assert balance(engine) == (5 if is_kept else 0)
    kept = rows(store, "SELECT body FROM document WHERE collection = 'notes'")
    assert kept == ([('{"count":99}',)] if is_kept else [])
    assert differences(store) == []
