"""The bridge between Pulumi's engine and a `Kind`.

What is true of every resource is said here, once: unknowns, floats, validation, diff, replacement, adoption,
secrets, drift. A resource file declares what a program may set (`Inputs`), what the service decides (`Outputs`) and
the verbs (`Kind`); it never meets an unknown, a property dictionary or the engine.

Source: the engine's rules for Python dynamic resources (SDK 3.272, CLI 3.259).
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import pulumi
from pulumi import dynamic

from ._arguments import Immutable, Inputs, Meaning, Outputs, Part, Secret, Unordered, WriteOnly, shortened
from .errors import AdoptionRefused, NotFound

if TYPE_CHECKING:
    from .api.submission import SubmissionApi

__all__ = [
    "Immutable",
    "Inputs",
    "Kind",
    "Meaning",
    "Outputs",
    "Part",
    "Provider",
    "Resource",
    "Secret",
    "Seen",
    "Unordered",
    "WriteOnly",
]

I = TypeVar("I", bound=Inputs)  # noqa: E741
O = TypeVar("O", bound=Outputs)  # noqa: E741


@dataclass(frozen=True)
class Seen(Generic[O]):
    """A resource as the service has it: `inputs` in canonical form, also where they break a rule of ours.

    `is_fresh`: nobody has written it since the service made it.
    """

    id: str
    inputs: dict[str, Any]
    outputs: O
    is_fresh: bool = False


class Kind(Generic[I, O]):
    """The verbs of one resource, in domain words. Raises `NotFound` for what is gone, nothing else means gone."""

    noun: ClassVar[str]
    inputs: type[I]
    outputs: type[O]

    def find(self, api: SubmissionApi, want: I) -> Seen[O] | None:
        """By natural key; None when there is nothing."""
        raise NotImplementedError

    def create(self, api: SubmissionApi, want: I) -> Seen[O]:
        """Only called when `find` found nothing; safe to repeat from the top."""
        raise NotImplementedError

    def read(self, api: SubmissionApi, id: str) -> Seen[O]:
        raise NotImplementedError

    def update(self, api: SubmissionApi, id: str, want: I) -> Seen[O]:
        raise NotImplementedError

    def delete(self, api: SubmissionApi, id: str) -> None:
        raise NotImplementedError

    def decided(self) -> list[str]:
        """Names of what a program reads and cannot set."""
        return [*self.outputs.names(), "fingerprint"]

    def upgrade(self, props: dict[str, Any]) -> dict[str, Any]:
        """State that an older version wrote → this version's."""
        return props


class Provider(dynamic.ResourceProvider):
    """The engine's six methods over one `Kind`. Subclasses only name the kind.

    Pickled by reference: a subclass lives in an installed module and has no attributes before `configure`, so that
    state holds some fifty bytes that never change. Renaming or moving a subclass breaks existing stacks.
    """

    serialize_as_secret_always = False
    kind: ClassVar[Kind[Any, Any]]
    _config: dict[str, str]
    _made: set[str]

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        from .settings import CONFIG_KEYS, Settings  # programs need neither

        self._config = {key: value for key in CONFIG_KEYS if (value := req.config.get(key))}
        self._made = set()
        if not Settings.is_debugging(self._config):
            sys.tracebacklimit = 0  # the SDK sends whole tracebacks as error texts; people need the message

    @functools.cached_property
    def _api(self) -> SubmissionApi:
        # httpx and msal load here, when the first request is due, and never in a preview
        from .api.submission import connect
        from .settings import Settings

        return connect(Settings.load(self._config))

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        props, model = _plain(news), self.kind.inputs
        failures = [dynamic.CheckFailure("", words) for words in model.problems(props)]
        return dynamic.CheckResult(dict(news) if failures else model.canonical(props), failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """`_olds` are the old outputs; an unknown counts as a change."""
        model, old = self.kind.inputs, self._state(_olds)
        changed = model.differing(model.canonical(old), model.canonical(_plain(_news)))
        replaces = [name for name in changed if name in model.marked(Immutable)]
        incomplete = any(name not in old for name in self.kind.decided())  # an output that this version added
        return dynamic.DiffResult(
            changes=bool(changed) or incomplete, replaces=replaces, delete_before_replace=bool(replaces)
        )

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        want = self.kind.inputs.parse(_plain(props))
        found = self.kind.find(self._api, want)
        if found is None:
            seen = self.kind.create(self._api, want)
        elif differing := want.differing(self._outs(found, want.plain()), want.plain()):
            self._refuse_unless_adoptable(found, want, differing)
            seen = self.kind.update(self._api, found.id, want)
        else:
            seen = found
        self._made.add(seen.id)
        return dynamic.CreateResult(seen.id, self._outs(seen, want.plain()))

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        last = self._state(props)
        try:
            seen = self.kind.read(self._api, id_)
        except NotFound:
            if "fingerprint" not in last:  # a look-up by `opts.id`: an empty answer would count as success
                raise
            return dynamic.ReadResult("", {})
        outs = self._outs(seen, last)
        return dynamic.ReadResult(seen.id, outs, {name: outs[name] for name in self.kind.inputs.names()})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        want = self.kind.inputs.parse(_plain(_news))
        try:
            seen = self.kind.update(self._api, _id, want)
        except NotFound as error:
            raise error.advise(
                "it is gone: `pulumi refresh` notices, and `pulumi up` then makes it again"
            ) from None
        return dynamic.UpdateResult(self._outs(seen, want.plain()))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        if _id in self._made:
            return  # renamed in the program: this very update has taken it over under its new name
        try:
            self.kind.delete(self._api, _id)
        except NotFound:
            return

    def _state(self, props: dict[str, Any]) -> dict[str, Any]:
        return self.kind.upgrade(_plain(props))

    def _outs(self, seen: Seen[Any], last: Mapping[str, Any]) -> dict[str, Any]:
        """Inputs as the service has them (what it never tells: as last said), outputs, digest; a fresh dictionary."""
        kept = {name: last[name] for name in ("adopt", *self.kind.inputs.marked(WriteOnly)) if name in last}
        inputs = seen.inputs | kept
        digest = self.kind.inputs.fingerprint(inputs)
        return {**inputs, **seen.outputs.plain(), "fingerprint": digest}

    def _refuse_unless_adoptable(self, found: Seen[Any], want: Inputs, differing: list[str]) -> None:
        fixed = [name for name in differing if name in want.marked(Immutable)]
        if not fixed and (found.is_fresh or want.adopt):
            return
        there, wanted, secret = found.inputs, want.plain(), want.marked(Secret)
        shown = (
            n if n in secret else f"{n} is {shortened(there[n])}, not {shortened(wanted[n])}"
            for n in differing
        )
        raise AdoptionRefused(
            f"{self.kind.noun} {found.id} exists already and differs: {'; '.join(shown)}",
            next=f"{', '.join(fixed)} cannot change in place: write the value that exists, or choose another name"
            if fixed
            else "write what exists into the program, or set adopt=True to overwrite it",
        )


class Resource(dynamic.Resource):
    """Base of every resource: arguments that were given, outputs declared, secrets marked."""

    fingerprint: pulumi.Output[str]
    """Digest of the canonical inputs: changes exactly when the remote content is meant to change."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> pulumi.Output[Any]: ...

    def __init__(
        self, provider: Provider, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions | None
    ) -> None:
        kind = provider.kind
        secret = kind.inputs.marked(Secret)
        declared: dict[str, Any] = dict.fromkeys([*kind.inputs.names(), *kind.decided()])
        for key, value in props.items():
            declared[key] = pulumi.Output.secret(value) if key in secret and value is not None else value
        marks = pulumi.ResourceOptions(
            additional_secret_outputs=[*secret, "fingerprint"] if secret else [], hide_diffs=["__provider"]
        )
        super().__init__(provider, name, declared, pulumi.ResourceOptions.merge(opts, marks))


def _plain(props: Mapping[str, Any]) -> dict[str, Any]:
    """Without the engine's own keys (`__provider`)."""
    return {key: value for key, value in props.items() if not key.startswith("__") and value is not None}
