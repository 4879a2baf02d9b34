"""Image versions of a plan, and their form in the Cloud Partner Portal API.

Its documentation has no sample of data disks; their form is that of the newer API.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from annotated_types import MaxLen, MinLen

from ...markers import Meaning
from ...messages import is_signed
from ...model import Part
from .._rules import PublicAddress, Text
from .._signed_addresses import comparable_address, missing_permissions
from ._members import COREVM, as_list, as_mapping, document_key

__all__ = [
    "Image",
    "Images",
    "comparable_images",
    "disks_of",
    "iterate_disks",
    "read_images",
    "read_signed_addresses",
    "remember_images",
    "write_images",
]


def _version(value: str) -> str:
    if not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", value):
        raise ValueError("must be a version of three numbers such as 1.0.1")
    return value


def _disk_address(value: str) -> str:
    if missing := missing_permissions(value, "rl"):
        names = " and ".join({"r": "read (r)", "l": "list (l)"}[letter] for letter in missing)
        raise ValueError(f"its signature lacks the permission to {names}: a container's signature with sp=rl")
    return value


DiskAddress = Annotated[PublicAddress, MinLen(1), Meaning(_disk_address)]


class Image(Part):
    """Disks of an image version. Addresses are compared by file and permissions; signature and times do not matter."""

    os_disk: DiskAddress
    """Address of the operating system's disk (VHD), with a signature for reading and listing."""
    data_disks: Annotated[list[DiskAddress], MaxLen(15)] = []
    """Addresses of data disks, in the order of their LUN. Their number is fixed once the plan is live."""
    label: Annotated[Text, MaxLen(50)] = ""
    """Label (core virtual machines)."""
    description: Text = ""
    """Description (core virtual machines)."""
    media_name: Text = ""
    """Name that is unique among all images (core virtual machines)."""


Images = dict[Annotated[str, Meaning(_version)], Image]
_TEXTS = {"label": "label", "description": "description", "media_name": "mediaName"}
"""By member of an image: its name in the document."""
_ADDRESS, _LUN = "uri", "lunNumber"


def read_images(plan: Mapping[str, Any], offer_type: str) -> dict[str, dict[str, Any]]:
    """Return the images of a plan by version, without hidden ones. Addresses have no signature."""
    return {version: _read_image(image) for version, image in _visible_images(plan, offer_type).items()}


def read_signed_addresses(plan: Mapping[str, Any], offer_type: str) -> dict[str, list[str]]:
    """Return the addresses of a plan's disks by version, without hidden ones. Addresses have their signatures."""
    images = _visible_images(plan, offer_type)
    return {
        version: [str(image.get("osVhdUrl") or ""), *_addresses(image)] for version, image in images.items()
    }


def _visible_images(plan: Mapping[str, Any], offer_type: str) -> dict[str, Mapping[str, Any]]:
    images = as_mapping(plan.get(document_key("type.vmImages", offer_type)))
    return {
        version: image
        for version, image in images.items()
        if isinstance(image, Mapping) and image.get("showInGui") is not False
    }


def _read_image(image: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: str(image.get(member) or "").strip() for name, member in _TEXTS.items()}
    os_disk = comparable_address(str(image.get("osVhdUrl") or ""))
    return {
        "os_disk": os_disk,
        "data_disks": [comparable_address(address) for address in _addresses(image)],
    } | texts


def _addresses(image: Mapping[str, Any]) -> list[str]:
    disks = as_list(image.get("lunVhdDetails"))
    return [str(disk.get(_address_key(disk)) or "") for disk in disks if isinstance(disk, Mapping)]


def _address_key(disk: Mapping[str, Any]) -> str:
    """Return the member with the address of a data disk, whatever it is called."""
    return next((name for name, value in disk.items() if isinstance(value, str) and "://" in value), _ADDRESS)


def disks_of(image: Mapping[str, Any]) -> list[str]:
    """Return the addresses of an image's disks, the operating system's first."""
    return [image["os_disk"], *image["data_disks"]]


def comparable_images(images: Mapping[str, Any]) -> dict[str, Any]:
    """Return canonical images with addresses without signatures, the operating system's disk first."""
    return {
        version: {
            "os_disk": comparable_address(image["os_disk"]),
            "data_disks": list(map(comparable_address, image["data_disks"])),
            **{name: image[name] for name in sorted(_TEXTS)},
        }
        for version, image in images.items()
    }


def remember_images(current: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    """Return the images of the service, with the given addresses of equal disks. Without given images: none."""
    if not last:
        return {}
    return {
        version: _remember_image(image, last[version]) if version in last else image
        for version, image in current.items()
    }


def _remember_image(current: dict[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    disks = [
        given if comparable_address(given) == comparable_address(address) else address
        for address, given in zip(disks_of(current), disks_of(last), strict=False)
    ]
    if len(disks_of(current)) != len(disks_of(last)):
        return {**current, "os_disk": disks[0]}
    return {**current, "os_disk": disks[0], "data_disks": disks[1:]}


def write_images(
    plan: dict[str, Any], desired: Mapping[str, Any], live: Mapping[str, Any], offer_type: str
) -> None:
    """Write the desired images into a plan.

    Live versions keep their addresses; others get the given ones, whose signatures may be newer. A version that is not
    desired is removed, and hidden in an offer of core virtual machines.
    """
    key = document_key("type.vmImages", offer_type)
    images = copy.deepcopy(dict(as_mapping(plan.get(key))))
    current = read_images(plan, offer_type)
    for version, image in desired.items():
        document = dict(as_mapping(images.get(version)))
        is_same = comparable_images({version: image}).get(version) == current.get(version)
        is_fresh = version not in live and any(map(is_signed, disks_of(image)))
        if is_fresh or not is_same:
            _write_image(document, image)
        images[version] = document
    for version in current.keys() - desired.keys():
        if offer_type == COREVM:
            images[version]["showInGui"] = False
        else:
            del images[version]
    if images != plan.get(key):
        plan[key] = images


def _write_image(document: dict[str, Any], image: Mapping[str, Any]) -> None:
    document["osVhdUrl"] = image["os_disk"]
    if document.get("showInGui") is False:
        document["showInGui"] = True
    if _addresses(document) != image["data_disks"]:
        document["lunVhdDetails"] = _build_disks(as_list(document.get("lunVhdDetails")), image["data_disks"])
    document.setdefault("lunVhdDetails", [])
    for name, member in _TEXTS.items():
        if str(document.get(member) or "").strip() != image[name]:
            document[member] = image[name]


def _build_disks(disks: list[Any], addresses: list[str]) -> list[dict[str, Any]]:
    """Return the data disks to write, with the members of those in their places."""
    built = []
    for number, address in enumerate(addresses):
        disk = (
            dict(disks[number])
            if number < len(disks) and isinstance(disks[number], Mapping)
            else {_LUN: number}
        )
        built.append({**disk, _address_key(disk): address})
    return built


def iterate_disks(images: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield place and address of every disk of canonical images."""
    for version, image in images.items():
        for number, address in enumerate(disks_of(image)):
            yield f"{version}.{f'data_disks[{number - 1}]' if number else 'os_disk'}", address
