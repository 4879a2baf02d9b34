"""A strict local emulator of Partner Center's services. Served by `python -m pulumi_partnercenter.emulator`.

| File | Job |
|---|---|
| `command.py`, `serving.py`, `server.py` | command line; start and end; listening socket and signals |
| `services.py` | the list of emulated services |
| `submission/`, `fulfillment/` | the submission API; SaaS fulfillment, metering, webhooks and the marketplace page |
| `service.py` | the record that registers a service, and the types of its operations |
| `app.py` | routes, checks of tokens, parsing of requests, rendering of answers |
| `control.py`, `control_input.py` | the control plane, `/_emulator/*`, and checks of its bodies |
| `background.py` | work of services beside their requests |
| `traffic.py`, `faults.py` | request log, headers of every answer, injected faults |
| `entra.py`, `applications.py` | token endpoints and the check of tokens; applications that may sign in |
| `blobs.py`, `uploads.py` | files and their signed addresses; the blob host that receives them |
| `state.py`, `migrations.py` | documents in SQLite, the clock, the source of ids; layouts of the database |
| `binding.py`, `errors.py` | request bodies, refusals |
| `gate.py` | the check of `Host` and `Origin`, which refuses web pages of other sites |

A further service is a package with an `EmulatedService`, and a line in `services.py`. The core names no
service. Code outside this package does not import it.
"""
