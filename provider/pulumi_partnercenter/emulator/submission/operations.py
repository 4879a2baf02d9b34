"""The 78 operations of the submission API, every one emulated, and the evidence for each.

The table is written by `python -m tests.conformance.operations`. `recorded`: in captured traffic; `documented`: in the
service's OpenAPI description or in its first-party clients; `inferred`: by analogy. {P} is `/products/{product}`.

| # | Method | Path | Emulated | Evidence |
|---|---|---|---|---|
| 1 | GET | /products | yes | recorded |
| 2 | POST | /products | yes | recorded |
| 3 | GET | {P} | yes | documented |
| 4 | DELETE | {P} | yes | recorded |
| 5 | GET | {P}/setup | yes | recorded |
| 6 | POST | {P}/setup | yes | recorded |
| 7 | GET | {P}/branches/getByModule(module={module}) | yes | recorded |
| 8 | GET | {P}/productavailabilities | yes | documented |
| 9 | POST | {P}/productavailabilities | yes | documented |
| 10 | GET | {P}/productavailabilities/{id} | yes | documented |
| 11 | PUT | {P}/productavailabilities/{id} | yes | documented |
| 12 | GET | {P}/productAvailabilities/getByInstanceID(instanceID={instance}) | yes | documented |
| 13 | GET | {P}/properties | yes | documented |
| 14 | POST | {P}/properties | yes | documented |
| 15 | GET | {P}/properties/{id} | yes | documented |
| 16 | PUT | {P}/properties/{id} | yes | documented |
| 17 | GET | {P}/properties/getByInstanceID(instanceID={instance}) | yes | documented |
| 18 | GET | {P}/listings/{listing} | yes | documented |
| 19 | PUT | {P}/listings/{listing} | yes | recorded |
| 20 | DELETE | {P}/listings/{listing} | yes | documented |
| 21 | GET | {P}/listings/getByInstanceID(instanceID={instance}) | yes | recorded |
| 22 | POST | {P}/listings/createWithInstanceID(instanceID={instance}) | yes | documented |
| 23 | GET | {P}/listings/{listing}/assets | yes | documented |
| 24 | POST | {P}/listings/{listing}/assets | yes | documented |
| 25 | GET | {P}/listings/{listing}/assets/{id} | yes | documented |
| 26 | DELETE | {P}/listings/{listing}/assets/{id} | yes | documented |
| 27 | PUT | {P}/listings/{listing}/assets/{id} | yes | documented |
| 28 | GET | {P}/listings/{listing}/images | yes | recorded |
| 29 | POST | {P}/listings/{listing}/images | yes | recorded |
| 30 | GET | {P}/listings/{listing}/images/{id} | yes | documented |
| 31 | PUT | {P}/listings/{listing}/images/{id} | yes | recorded |
| 32 | DELETE | {P}/listings/{listing}/images/{id} | yes | recorded |
| 33 | GET | {P}/listings/{listing}/videos | yes | documented |
| 34 | POST | {P}/listings/{listing}/videos | yes | documented |
| 35 | GET | {P}/listings/{listing}/videos/{id} | yes | documented |
| 36 | PUT | {P}/listings/{listing}/videos/{id} | yes | documented |
| 37 | DELETE | {P}/listings/{listing}/videos/{id} | yes | documented |
| 38 | GET | {P}/variants | yes | recorded |
| 39 | POST | {P}/variants | yes | recorded |
| 40 | GET | {P}/variants/{variant} | yes | documented |
| 41 | PUT | {P}/variants/{variant} | yes | documented |
| 42 | DELETE | {P}/variants/{variant} | yes | recorded |
| 43 | GET | {P}/featureAvailabilities/getByInstanceID(instanceID={instance}) | yes | documented |
| 44 | GET | {P}/featureavailabilities/{availability} | yes | documented |
| 45 | PUT | {P}/featureavailabilities/{availability} | yes | documented |
| 46 | GET | {P}/packages | yes | documented |
| 47 | POST | {P}/packages | yes | documented |
| 48 | GET | {P}/packages/{id} | yes | documented |
| 49 | PUT | {P}/packages/{id} | yes | documented |
| 50 | DELETE | {P}/packages/{id} | yes | documented |
| 51 | GET | {P}/packageconfigurations/{id} | yes | documented |
| 52 | PUT | {P}/packageconfigurations/{id} | yes | documented |
| 53 | GET | {P}/packageConfigurations/getByInstanceID(instanceID={instance}) | yes | documented |
| 54 | GET | {P}/submissions | yes | documented |
| 55 | POST | {P}/submissions | yes | documented |
| 56 | GET | {P}/submissions/{submission} | yes | documented |
| 57 | DELETE | {P}/submissions/{submission} | yes | documented |
| 58 | POST | {P}/submissions/{submission}/promote | yes | documented |
| 59 | GET | {P}/submissions/{submission}/reports | yes | documented |
| 60 | GET | {P}/submissions/{submission}/validations | yes | documented |
| 61 | GET | {P}/submissions/{submission}/workflowdetails | yes | documented |
| 62 | GET | {P}/leadconfiguration | yes | documented |
| 63 | POST | {P}/leadconfiguration | yes | documented |
| 64 | GET | {P}/resellerConfiguration | yes | documented |
| 65 | POST | {P}/resellerConfiguration | yes | documented |
| 66 | GET | {P}/supplementalcontents/getByInstanceID(instanceID={instance}) | yes | documented |
| 67 | GET | {P}/supplementalContents/{id} | yes | documented |
| 68 | PUT | {P}/supplementalContents/{id} | yes | documented |
| 69 | POST | {P}/supplementalContents/{id}/commit | yes | documented |
| 70 | GET | {P}/cosellListing/{id} | yes | documented |
| 71 | PUT | {P}/cosellListing/{id} | yes | documented |
| 72 | GET | {P}/cosellListing/getByInstanceID(instanceID={instance}) | yes | documented |
| 73 | GET | {P}/cosellAssets | yes | documented |
| 74 | POST | {P}/cosellAssets | yes | documented |
| 75 | GET | {P}/cosellAssets/getByInstanceID(instanceID={instance}) | yes | documented |
| 76 | GET | {P}/cosellAssets/{id} | yes | documented |
| 77 | PUT | {P}/cosellAssets/{id} | yes | documented |
| 78 | DELETE | {P}/cosellAssets/{id} | yes | documented |
"""

from __future__ import annotations

from collections.abc import Iterable

from ..service import Operation

__all__ = ["table"]


P = "/products/{product}"


def table(operations: Iterable[Operation]) -> str:
    """Render one row an operation, numbered in order."""
    rows = [
        f"| {number} | {operation.method} | {operation.path.replace(P, '{P}')} | yes | {operation.evidence} |"
        for number, operation in enumerate(operations, 1)
    ]
    return "\n".join(["| # | Method | Path | Emulated | Evidence |", "|---|---|---|---|---|", *rows])
