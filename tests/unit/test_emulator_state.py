"""The emulator's store: transactions, delayed appearance, ids, the clock, snapshots."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pulumi_partnercenter.emulator.state import Clock, Document, Ids, Store


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(Store(clock=Clock(lambda: 100.0))) as store:
        yield store


def test_a_failed_transaction_of_the_store_saves_nothing(store):
    class DeliberateError(Exception):
        pass

    def fail():
        with store.transaction():
            store.save(Document("product", "a", {}))
            raise DeliberateError

    with pytest.raises(DeliberateError):
        fail()
    assert store.find("product", "a") is None


def test_a_saved_document_is_found_in_any_case_and_replaced_in_place(store):
    for id in ("b", "a"):
        store.save(Document("product", id, {"name": id}, natural_key="same"))
    store.save(Document("product", "b", {"name": "new"}, natural_key="same"))
    assert [row.body["name"] for row in store.select("product", natural_key="same")] == ["new", "a"]
    assert [row.id for row in store.select("product", order="id")] == ["a", "b"]
    assert store.find("product", "B") == store.find("product", "b")
    store.delete(kind="product", id="b")
    assert [row.id for row in store.select()] == ["a"]


def test_documents_are_selected_by_the_beginning_and_the_end_of_their_scope(store):
    for id, scope in (("a", "1//x"), ("b", "1/2/x"), ("c", "1/2/y"), ("d", "10//x"), ("e", "0/1/x")):
        store.save(Document("listing", id, {}, scope))

    def selected(**columns: str) -> str:
        return "".join(row.id for row in store.select(**columns))

    assert selected(within="1/") == "abc"
    assert selected(within="1/2/") == "bc"
    assert selected(within="1/", ending="/x") == "ab"
    assert selected(within="1/", ending="/*") == selected(within="%/") == ""
    assert selected(scope="1/2/x") == "b"
    store.delete(within="1/2/")
    assert selected() == "ade"


def test_a_document_becomes_visible_in_its_collection_at_its_time(store):
    store.save(Document("branch", "a", {}, appears_at=101.5))
    assert store.visible("branch") == []
    assert store.find("branch", "a")
    store.advance(1.5)
    assert len(store.visible("branch")) == 1


def test_emptying_the_store_deletes_documents_and_moved_time_but_not_its_memory(store):
    store.save(Document("product", "a", {}))
    store.memory["key"] = "kept"
    store.advance(5)
    store.empty()
    assert store.select() == []
    assert store.clock() == 100.0
    assert store.memory["key"] == "kept"


def test_files_of_the_store_are_deleted_with_its_documents(store, tmp_path: Path):
    temporary = store.files
    (temporary / "a").write_text("content")
    store.empty()
    assert list(store.files.iterdir()) == []
    store.close()
    assert not temporary.exists()
    with closing(Store(tmp_path)) as first:
        (first.files / "a").write_text("content")
    with closing(Store(tmp_path)) as second:
        assert (second.files / "a").read_text() == "content"


def test_the_memory_of_the_store_is_a_mapping(store):
    store.memory["b"] = "1"
    store.memory["b"] = "2"
    assert store.memory["b"] == "2"
    assert "b" in list(store.memory)
    size = len(store.memory)
    assert store.memory.pop("b") == "2"
    assert len(store.memory) == size - 1
    with pytest.raises(KeyError):
        del store.memory["b"]


def test_a_store_in_a_folder_keeps_documents_memory_and_time(tmp_path: Path):
    with closing(Store(tmp_path, clock=Clock(lambda: 100.0))) as first:
        first.save(Document("product", "a", {"name": "ä"}, "a//", appears_at=7.0))
        first.memory["key"] = "kept"
        first.advance(5)
        documents = first.select()
    with closing(Store(tmp_path, clock=Clock(lambda: 200.0))) as second:
        assert second.select() == documents
        assert second.memory["key"] == "kept"
        assert second.clock() == 205.0


def test_a_store_with_another_layout_is_refused(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "emulator.sqlite3")) as other:
        other.execute("PRAGMA user_version = 99")
    with pytest.raises(sqlite3.DatabaseError, match=r"layout 99.*remove it"):
        Store(tmp_path)


def test_ids_are_unique_and_have_the_services_forms():
    ids = Ids("seed")
    guids = [ids.guid() for _ in range(50)] + [ids.shaped() for _ in range(50)]
    assert len(set(guids)) == 100
    assert all(
        re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", id)
        for id in guids[:50]
    )
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", id) for id in guids)
    etags = {ids.etag(0x680271AA) for _ in range(50)}
    assert len(etags) == 50
    assert all(re.fullmatch(r'"[0-9a-f]{8}-0000-0800-0000-680271aa0000"', etag) for etag in etags)


def test_a_snapshot_restores_documents_memory_time_and_files(store):
    store.save(Document("product", "a", {"name": "before"}))
    store.memory["key"] = "before"
    store.advance(5)
    (store.files / "file").write_bytes(b"before")
    snapshot = store.snapshot()
    store.save(Document("product", "b", {}))
    store.memory["key"] = "after"
    store.advance(5)
    (store.files / "file").write_bytes(b"after")
    (store.files / "another").write_bytes(b"after")
    store.restore(snapshot)
    assert [row.body for row in store.select()] == [{"name": "before"}]
    assert (store.memory["key"], store.clock()) == ("before", 105.0)
    assert {file.name: file.read_bytes() for file in store.files.iterdir()} == {"file": b"before"}
    with store.transaction():
        store.save(Document("product", "c", {}))
    assert len(store.select()) == 2
