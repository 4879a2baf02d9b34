"""The 78 operations of the submission API, emulated or not, and how each one is known.

The table is written by `python -m tests.conformance.operations`. `recorded`: seen on the wire; `documented`: in the
service's OpenAPI description or in its first-party clients; `inferred`: neither, by analogy. {P} is
`/products/{product}`. Numbers are those of section 4 of the reference.

| # | Method | Path | Emulated | Evidence |
|---|---|---|---|---|
| 1 | GET | /products | yes | recorded |
| 2 | POST | /products | yes | recorded |
| 3 | GET | {P} | yes | documented |
| 4 | DELETE | {P} | yes | recorded |
| 5 | GET | {P}/setup | yes | recorded |
| 6 | POST | {P}/setup | yes | recorded |
| 7 | GET | {P}/branches/getByModule(module={module}) | yes | recorded |
| 8 | GET | {P}/productavailabilities | no: not emulated yet | documented |
| 9 | POST | {P}/productavailabilities | no: not emulated yet | documented |
| 10 | GET | {P}/productavailabilities/{availability} | no: not emulated yet | documented |
| 11 | PUT | {P}/productavailabilities/{availability} | no: not emulated yet | documented |
| 12 | GET | {P}/productAvailabilities/getByInstanceID(instanceID={instance}) | no: not emulated yet | documented |
| 13 | GET | {P}/properties | no: not emulated yet | documented |
| 14 | POST | {P}/properties | no: not emulated yet | documented |
| 15 | GET | {P}/properties/{property} | no: not emulated yet | documented |
| 16 | PUT | {P}/properties/{property} | no: not emulated yet | documented |
| 17 | GET | {P}/properties/getByInstanceID(instanceID={instance}) | no: not emulated yet | documented |
| 18 | GET | {P}/listings/{listing} | yes | documented |
| 19 | PUT | {P}/listings/{listing} | yes | recorded |
| 20 | DELETE | {P}/listings/{listing} | yes | documented |
| 21 | GET | {P}/listings/getByInstanceID(instanceID={instance}) | yes | recorded |
| 22 | POST | {P}/listings/createWithInstanceID(instanceID={instance}) | yes | documented |
| 23 | GET | {P}/listings/{listing}/assets | no: not emulated yet | documented |
| 24 | POST | {P}/listings/{listing}/assets | no: not emulated yet | documented |
| 25 | GET | {P}/listings/{listing}/assets/{asset} | no: not emulated yet | documented |
| 26 | DELETE | {P}/listings/{listing}/assets/{asset} | no: not emulated yet | documented |
| 27 | PUT | {P}/listings/{listing}/assets/{asset} | no: not emulated yet | documented |
| 28 | GET | {P}/listings/{listing}/images | no: not emulated yet | recorded |
| 29 | POST | {P}/listings/{listing}/images | no: not emulated yet | recorded |
| 30 | GET | {P}/listings/{listing}/images/{image} | no: not emulated yet | documented |
| 31 | PUT | {P}/listings/{listing}/images/{image} | no: not emulated yet | recorded |
| 32 | DELETE | {P}/listings/{listing}/images/{image} | no: not emulated yet | recorded |
| 33 | GET | {P}/listings/{listing}/videos | no: not emulated yet | documented |
| 34 | POST | {P}/listings/{listing}/videos | no: not emulated yet | documented |
| 35 | GET | {P}/listings/{listing}/videos/{video} | no: not emulated yet | documented |
| 36 | PUT | {P}/listings/{listing}/videos/{video} | no: not emulated yet | documented |
| 37 | DELETE | {P}/listings/{listing}/videos/{video} | no: not emulated yet | documented |
| 38 | GET | {P}/variants | yes | recorded |
| 39 | POST | {P}/variants | yes | recorded |
| 40 | GET | {P}/variants/{variant} | yes | documented |
| 41 | PUT | {P}/variants/{variant} | yes | documented |
| 42 | DELETE | {P}/variants/{variant} | yes | recorded |
| 43 | GET | {P}/featureAvailabilities/getByInstanceID(instanceID={instance}) | yes | documented |
| 44 | GET | {P}/featureavailabilities/{availability} | yes | documented |
| 45 | PUT | {P}/featureavailabilities/{availability} | yes | documented |
| 46 | GET | {P}/packages | no: not emulated yet | documented |
| 47 | POST | {P}/packages | no: not emulated yet | documented |
| 48 | GET | {P}/packages/{package} | no: not emulated yet | documented |
| 49 | PUT | {P}/packages/{package} | no: not emulated yet | documented |
| 50 | DELETE | {P}/packages/{package} | no: not emulated yet | documented |
| 51 | GET | {P}/packageconfigurations/{configuration} | no: not emulated yet | documented |
| 52 | PUT | {P}/packageconfigurations/{configuration} | no: not emulated yet | documented |
| 53 | GET | {P}/packageConfigurations/getByInstanceID(instanceID={instance}) | no: not emulated yet | documented |
| 54 | GET | {P}/submissions | yes | documented |
| 55 | POST | {P}/submissions | yes | documented |
| 56 | GET | {P}/submissions/{submission} | yes | documented |
| 57 | DELETE | {P}/submissions/{submission} | yes | documented |
| 58 | POST | {P}/submissions/{submission}/promote | yes | documented |
| 59 | GET | {P}/submissions/{submission}/reports | yes | documented |
| 60 | GET | {P}/submissions/{submission}/validations | yes | documented |
| 61 | GET | {P}/submissions/{submission}/workflowdetails | yes | documented |
| 62 | GET | {P}/leadconfiguration | no: not emulated yet | documented |
| 63 | POST | {P}/leadconfiguration | no: not emulated yet | documented |
| 64 | GET | {P}/resellerConfiguration | no: not emulated yet | documented |
| 65 | POST | {P}/resellerConfiguration | no: not emulated yet | documented |
| 66 | GET | {P}/supplementalcontents/getByInstanceID(instanceID={instance}) | no: not emulated yet | documented |
| 67 | GET | {P}/supplementalContents/{instance} | no: not emulated yet | documented |
| 68 | PUT | {P}/supplementalContents/{instance} | no: not emulated yet | documented |
| 69 | POST | {P}/supplementalContents/{instance}/commit | no: not emulated yet | documented |
| 70 | GET | {P}/cosellListing/{instance} | no: not emulated yet | documented |
| 71 | PUT | {P}/cosellListing/{instance} | no: not emulated yet | documented |
| 72 | GET | {P}/cosellListing/getByInstanceID(instanceID={instance}) | no: not emulated yet | documented |
| 73 | GET | {P}/cosellAssets | no: not emulated yet | documented |
| 74 | POST | {P}/cosellAssets | no: not emulated yet | documented |
| 75 | GET | {P}/cosellAssets/getByInstanceID(instanceID={instance}) | no: not emulated yet | documented |
| 76 | GET | {P}/cosellAssets/{asset} | no: not emulated yet | documented |
| 77 | PUT | {P}/cosellAssets/{asset} | no: not emulated yet | documented |
| 78 | DELETE | {P}/cosellAssets/{asset} | no: not emulated yet | documented |
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..service import Evidence, Operation

__all__ = ["REFUSED", "Refused", "table"]


@dataclass(frozen=True)
class Refused:
    """An operation that is answered with 501, and why."""

    number: int
    evidence: Evidence
    method: str
    path: str
    reason: str


LATER = "not emulated yet"
P = "/products/{product}"
REFUSED: tuple[Refused, ...] = (
    Refused(8, "documented", "GET", f"{P}/productavailabilities", LATER),
    Refused(9, "documented", "POST", f"{P}/productavailabilities", LATER),
    Refused(10, "documented", "GET", f"{P}/productavailabilities/{{availability}}", LATER),
    Refused(11, "documented", "PUT", f"{P}/productavailabilities/{{availability}}", LATER),
    Refused(
        12, "documented", "GET", f"{P}/productAvailabilities/getByInstanceID(instanceID={{instance}})", LATER
    ),
    Refused(13, "documented", "GET", f"{P}/properties", LATER),
    Refused(14, "documented", "POST", f"{P}/properties", LATER),
    Refused(15, "documented", "GET", f"{P}/properties/{{property}}", LATER),
    Refused(16, "documented", "PUT", f"{P}/properties/{{property}}", LATER),
    Refused(17, "documented", "GET", f"{P}/properties/getByInstanceID(instanceID={{instance}})", LATER),
    Refused(23, "documented", "GET", f"{P}/listings/{{listing}}/assets", LATER),
    Refused(24, "documented", "POST", f"{P}/listings/{{listing}}/assets", LATER),
    Refused(25, "documented", "GET", f"{P}/listings/{{listing}}/assets/{{asset}}", LATER),
    Refused(26, "documented", "DELETE", f"{P}/listings/{{listing}}/assets/{{asset}}", LATER),
    Refused(27, "documented", "PUT", f"{P}/listings/{{listing}}/assets/{{asset}}", LATER),
    Refused(28, "recorded", "GET", f"{P}/listings/{{listing}}/images", LATER),
    Refused(29, "recorded", "POST", f"{P}/listings/{{listing}}/images", LATER),
    Refused(30, "documented", "GET", f"{P}/listings/{{listing}}/images/{{image}}", LATER),
    Refused(31, "recorded", "PUT", f"{P}/listings/{{listing}}/images/{{image}}", LATER),
    Refused(32, "recorded", "DELETE", f"{P}/listings/{{listing}}/images/{{image}}", LATER),
    Refused(33, "documented", "GET", f"{P}/listings/{{listing}}/videos", LATER),
    Refused(34, "documented", "POST", f"{P}/listings/{{listing}}/videos", LATER),
    Refused(35, "documented", "GET", f"{P}/listings/{{listing}}/videos/{{video}}", LATER),
    Refused(36, "documented", "PUT", f"{P}/listings/{{listing}}/videos/{{video}}", LATER),
    Refused(37, "documented", "DELETE", f"{P}/listings/{{listing}}/videos/{{video}}", LATER),
    Refused(46, "documented", "GET", f"{P}/packages", LATER),
    Refused(47, "documented", "POST", f"{P}/packages", LATER),
    Refused(48, "documented", "GET", f"{P}/packages/{{package}}", LATER),
    Refused(49, "documented", "PUT", f"{P}/packages/{{package}}", LATER),
    Refused(50, "documented", "DELETE", f"{P}/packages/{{package}}", LATER),
    Refused(51, "documented", "GET", f"{P}/packageconfigurations/{{configuration}}", LATER),
    Refused(52, "documented", "PUT", f"{P}/packageconfigurations/{{configuration}}", LATER),
    Refused(
        53, "documented", "GET", f"{P}/packageConfigurations/getByInstanceID(instanceID={{instance}})", LATER
    ),
    Refused(62, "documented", "GET", f"{P}/leadconfiguration", LATER),
    Refused(63, "documented", "POST", f"{P}/leadconfiguration", LATER),
    Refused(64, "documented", "GET", f"{P}/resellerConfiguration", LATER),
    Refused(65, "documented", "POST", f"{P}/resellerConfiguration", LATER),
    Refused(
        66, "documented", "GET", f"{P}/supplementalcontents/getByInstanceID(instanceID={{instance}})", LATER
    ),
    Refused(67, "documented", "GET", f"{P}/supplementalContents/{{instance}}", LATER),
    Refused(68, "documented", "PUT", f"{P}/supplementalContents/{{instance}}", LATER),
    Refused(69, "documented", "POST", f"{P}/supplementalContents/{{instance}}/commit", LATER),
    Refused(70, "documented", "GET", f"{P}/cosellListing/{{instance}}", LATER),
    Refused(71, "documented", "PUT", f"{P}/cosellListing/{{instance}}", LATER),
    Refused(72, "documented", "GET", f"{P}/cosellListing/getByInstanceID(instanceID={{instance}})", LATER),
    Refused(73, "documented", "GET", f"{P}/cosellAssets", LATER),
    Refused(74, "documented", "POST", f"{P}/cosellAssets", LATER),
    Refused(75, "documented", "GET", f"{P}/cosellAssets/getByInstanceID(instanceID={{instance}})", LATER),
    Refused(76, "documented", "GET", f"{P}/cosellAssets/{{asset}}", LATER),
    Refused(77, "documented", "PUT", f"{P}/cosellAssets/{{asset}}", LATER),
    Refused(78, "documented", "DELETE", f"{P}/cosellAssets/{{asset}}", LATER),
)


def table(operations: Iterable[Operation], refused: Iterable[Refused]) -> str:
    """One row an operation, by number."""
    rows = [(one.number, one.method, one.path, "yes", one.evidence) for one in operations]
    rows += [(one.number, one.method, one.path, f"no: {one.reason}", one.evidence) for one in refused]
    lines = [
        f"| {number} | {method} | {path.replace(P, '{P}')} | {emulated} | {evidence} |"
        for number, method, path, emulated, evidence in sorted(rows)
    ]
    return "\n".join(["| # | Method | Path | Emulated | Evidence |", "|---|---|---|---|---|", *lines])
