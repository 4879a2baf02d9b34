"""Arguments with a `Wire` marker are mapped to the service's documents and back, without code in the kind."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pulumi_partnercenter.api.wire import WireModel
from pulumi_partnercenter.kinds._drafts import build_document, read_arguments
from pulumi_partnercenter.markers import Retained, Wire, WriteOnly
from pulumi_partnercenter.model import Arguments, Part


class WireShelf(WireModel):
    merge_key: ClassVar[tuple[str, ...]] = ("shelf_code",)
    shelf_code: str = ""
    books: int = 0


class WireLibrary(WireModel):
    library_name: str = ""
    opening_mode: str = ""
    shelves: list[WireShelf] = []
    door_code: str = ""
    map_uri: str = ""
    founder: str = ""


class Shelf(Part):
    code: Annotated[str, Wire("shelf_code")]
    books: int = 0


class LibraryArguments(Arguments):
    name: Annotated[str, Wire("library_name")]
    mode: Annotated[str, Wire("opening_mode")] = "daily"
    shelves: Annotated[list[Shelf], Wire("shelves")] = []
    door_code: Annotated[str, WriteOnly, Wire("door_code")] = ""
    map_url: Annotated[str, Retained, Wire("map_uri")] = ""
    founder: str = ""


DOCUMENT = {
    "libraryName": "Contoso",
    "openingMode": "weekends",
    "shelves": [{"shelfCode": "A", "books": 2, "portal": "kept"}, {"shelfCode": "B", "books": 1}],
    "doorCode": "****",
    "mapUri": "https://contoso.example.com/map",
}


def draft() -> WireLibrary:
    return WireLibrary.model_validate(DOCUMENT)


class TestReading:
    def test_arguments_have_the_values_of_their_members(self) -> None:
        assert read_arguments(LibraryArguments, draft()) == {
            "name": "Contoso",
            "mode": "weekends",
            "shelves": [{"code": "A", "books": 2}, {"code": "B", "books": 1}],
            "door_code": "",
            "map_url": "https://contoso.example.com/map",
        }

    def test_an_empty_member_is_the_default_and_an_empty_required_one_stays_empty(self) -> None:
        arguments = read_arguments(LibraryArguments, WireLibrary())
        assert (arguments["name"], arguments["mode"]) == ("", "daily")


class TestBuilding:
    def test_members_have_the_values_of_their_arguments(self) -> None:
        desired = LibraryArguments(name="Fabrikam", door_code="planted", founder="nobody")
        assert build_document(desired, WireLibrary(), founder="F.").to_json() == {
            "libraryName": "Fabrikam",
            "openingMode": "daily",
            "shelves": [],
            "doorCode": "planted",
            "founder": "F.",
        }

    def test_elements_keep_what_nobody_models_and_missing_ones_go(self) -> None:
        desired = LibraryArguments(name="C", shelves=[Shelf(code="a", books=5), Shelf(code="C")])
        assert build_document(desired, draft()).to_json()["shelves"] == [
            {"shelfCode": "a", "books": 5, "portal": "kept"},
            {"shelfCode": "C", "books": 0},
        ]

    def test_retained_and_unreadable_arguments_are_written_only_if_given(self) -> None:
        document = build_document(LibraryArguments(name="C"), draft()).to_json()
        assert {"doorCode", "mapUri"}.isdisjoint(document)
        given = LibraryArguments(name="C", door_code="planted", map_url="https://fabrikam.example.com")
        written = build_document(given, draft()).to_json()
        assert (written["doorCode"], written["mapUri"]) == ("planted", "https://fabrikam.example.com")
