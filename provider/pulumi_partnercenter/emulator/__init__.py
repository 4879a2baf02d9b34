"""A strict local emulator of Partner Center's services. Served by `python -m pulumi_partnercenter.emulator`.

| File | Job |
|---|---|
| `__main__.py`, `server.py` | command line; listening socket and signals |
| `app.py` | routes: which request is which operation; parses requests, renders answers |
| `service.py` | the words that services are written in: `Service`, `Operation`, `Call`, `Answer` |
| `submission/` | rules and documents of the submission API |
| `entra.py`, `applications.py` | token endpoints and the check of tokens; who may sign in |
| `blobs.py`, `uploads.py` | files and their signed addresses; the blob host that takes them |
| `state.py` | documents in SQLite, the clock, the source of ids |
| `binding.py`, `conditions.py`, `errors.py` | request bodies, `If-Match`, the catalogue of refusals |
| `gate.py` | who may ask: no web page of somebody else |
| `faults.py`, `control.py` | request log and injected faults, `/_emulator/*` |

Nothing outside this package imports it.
"""
