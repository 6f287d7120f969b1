"""Documents of plugins: kept, found by owner and key, and removed."""

from __future__ import annotations

from typing import Any, Final

from points.domain.bounds import NEVER
from points.domain.documents import Document, DocumentPlace, DocumentRange
from points.store.opening import Store
from points.store.reads.due import OF_DOCUMENTS, due_documents
from points.store.reads.reader import open_snapshot
from points.store.writing.batch import Changes, open_batch
from tests.clock import NOON
from tests.store.build import statements
from tests.store.test_rare_plans import plan


OWNER: Final = (7, "shop", "stamps", "ada")


def stamps(key: str, body: str = "{}", due_time: int = NEVER) -> Document:
    """Returns a document of Ada."""
    return Document(*OWNER, key, 1, body, due_time)


def write(
    store: Store, *documents: Document, gone: tuple[DocumentPlace, ...] = ()
) -> None:
    """Writes documents, and removes some."""
    with open_batch(store.backend) as batch:
        batch.write(
            Changes(
                heads=(),
                members=(),
                accounts=(),
                lots=(),
                records=(),
                documents=documents,
                gone_documents=gone,
            )
        )


def keys(store: Store, *ranges: DocumentRange) -> list[list[str]]:
    """Returns the keys that are found in each range."""
    with open_batch(store.backend) as batch:
        found = batch.documents(ranges)()
    return [[each.key for each in found[wanted]] for wanted in ranges]


def test_a_document_comes_back_as_it_was(store: Store) -> None:
    written = stamps("ä\U0001f600", '{"text":"§ \\u0000"}', NOON)
    write(store, written)

    with open_batch(store.backend) as batch:
        wanted = DocumentRange.of(written.place())
        assert batch.documents([wanted])() == {wanted: [written]}


def test_ranges_are_read_in_the_order_of_the_keys_each_up_to_its_limit(
    store: Store,
) -> None:
    write(store, *(stamps(key) for key in ("b", "", "Z", "a", "\U0001f600", "ä")))

    found = keys(
        store,
        DocumentRange(*OWNER, limit=4),
        DocumentRange(*OWNER, "b", limit=9),
        DocumentRange.of((*OWNER, "a")),
        DocumentRange.of((*OWNER, "c")),
        DocumentRange(*OWNER[:3], "bob", limit=9),
    )

    assert found == [
        ["", "Z", "a", "b"],
        ["b", "ä", "\U0001f600"],
        ["a"],
        [],
        [],
    ]


def test_a_later_document_takes_the_place_of_an_earlier_one(store: Store) -> None:
    write(store, stamps("a", "1"))
    write(store, stamps("a", "2"))

    with open_snapshot(store.backend) as snapshot:
        found = snapshot.document(OWNER, "a")

    assert found == stamps("a", "2")


def test_what_is_removed_is_gone_and_nothing_else(store: Store) -> None:
    write(store, stamps("a"), stamps("b"))

    write(store, gone=((*OWNER, "a"), (*OWNER, "x")))

    assert keys(store, DocumentRange(*OWNER, limit=9)) == [["b"]]


def test_jobs_are_due_in_the_order_of_their_time(store: Store) -> None:
    late, early, never = stamps("a", "1", NOON + 1), stamps("b", "2", NOON), stamps("c")
    write(store, late, early, never)

    def due(now: int, after: Any = OF_DOCUMENTS, limit: int = 9) -> list[Document]:
        found = due_documents(store.backend, now=now, after=after, limit=limit)
        return [each.document() for each in found]

    assert due(NOON - 1) == []
    assert due(NOON) == [early]
    assert due(NOON + 1) == [early, late]
    place = due_documents(store.backend, now=NOON + 1, after=OF_DOCUMENTS, limit=1)
    assert due(NOON + 1, place[0][:6]) == [late]


def test_owners_of_a_collection_are_paged_through(store: Store) -> None:
    names = ("bob", "ada", "eve")
    write(
        store,
        *(Document(n, "shop", "stamps", o, "", 1, "") for n, o in enumerate(names)),
    )

    with open_snapshot(store.backend) as snapshot:
        first = snapshot.owners_of_collection("shop", "stamps", after="", limit=2)
        rest = snapshot.owners_of_collection("shop", "stamps", after="bob", limit=2)

    assert (first, rest) == (["ada", "bob"], ["eve"])


def test_every_statement_about_documents_follows_an_index(sqlite_store: Store) -> None:
    write(sqlite_store, stamps("a", due_time=NOON))
    with (
        statements(sqlite_store.backend) as seen,
        open_batch(sqlite_store.backend) as batch,
    ):
        batch.documents([DocumentRange(*OWNER, limit=9)])()
        batch.write(
            Changes(
                heads=(),
                members=(),
                accounts=(),
                lots=(),
                records=(),
                gone_documents=((*OWNER, "a"),),
            )
        )

    steps = [step for sql, given in seen for step in plan(sqlite_store, sql, given)]
    assert any("mine USING PRIMARY KEY" in step for step in steps)
    key = "part=? AND plugin=? AND collection=? AND owner=? AND key=?"
    assert any(f"document USING PRIMARY KEY ({key})" in step for step in steps)
    assert not any("(part=?)" in step for step in steps)
    assert not any(step.startswith(("SCAN document", "SCAN mine")) for step in steps)


def test_all_documents_of_an_owner_are_found_whatever_plugin_keeps_them(
    store: Store,
) -> None:
    mine = [
        Document(7, plugin, collection, "ada", key, 1, "{}")
        for plugin in ("auction", "shop", "wheel")
        for collection in ("a", "job:x", "z")
        for key in ("", "1")
    ]
    others = [
        each._replace(**change)
        for each in mine
        for change in ({"part": 8}, {"owner": "bob"})
    ]
    write(store, *mine, *others)

    with open_batch(store.backend) as batch:
        assert sorted(batch.documents_of([(7, "ada")])) == mine
        assert batch.documents_of([(9, "ada")]) == []


def test_collections_are_found_without_a_look_at_all_documents(
    sqlite_store: Store,
) -> None:
    with (
        statements(sqlite_store.backend) as seen,
        open_batch(sqlite_store.backend) as b,
    ):
        b.documents_of([(7, "ada")])

    ((sql, parameters),) = seen
    steps = plan(sqlite_store, sql, parameters)
    assert any("part=? AND plugin=? AND collection>?" in step for step in steps)
    assert not any(step.startswith("SCAN document") for step in steps)


def test_documents_of_a_plugin_are_counted_and_found_by_part(store: Store) -> None:
    places = [(part, "shop", "stamps", name, "") for part in (1, 7) for name in "abc"]
    other = Document(1, "mall", "stamps", "a", "", 1, "{}")
    write(store, *(Document(*place, 1, "{}") for place in places), other)

    with open_snapshot(store.backend) as snapshot:
        assert snapshot.document_count("shop", part_count=8) == 6
        for limit in (2, 3, 5, 9):
            found = snapshot.documents_of_plugin("shop", part_count=8, limit=limit)
            assert set(found) <= set(places)
            assert len(set(found)) == len(found) == min(limit, 6)
            assert [place[0] for place in found] == ([1] * 3 + [7] * 3)[:limit]
