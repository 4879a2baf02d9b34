"""The bridge between Pulumi's engine and a `Kind`.

What is true of every resource is said here, once: unknowns, floats, validation, diff, replacement, adoption,
secrets, drift. A resource file declares what a program may set (`Inputs`), what the service decides (`Outputs`) and
the verbs (`Kind`); it never meets an unknown, a property dictionary or the engine.

Source: the engine's rules for Python dynamic resources (SDK 3.272, CLI 3.259).
"""

from __future__ import annotations

import functools
import importlib
import json
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import pulumi
from pulumi import dynamic

from ._adoption import overwritten
from ._arguments import Inputs, Outputs, Part
from ._carried import holds_unknown, to_transportable, uncarried
from ._kind import Kind, Seen, Stored
from ._markers import (
    Derived,
    Immutable,
    Implied,
    ListRule,
    Local,
    Meaning,
    Retained,
    Secret,
    Unordered,
    WriteOnly,
)
from ._operation import PROCESS, Operation, kept_draft, scopes_of, scopes_of_part
from ._program import record_declaration
from ._shown import is_harmless, is_signed, keep_secret, shown
from ._words import differences, told_in_words
from .errors import ODD_ANSWER, ContractError, InputError, NotFound, SettingsError

if TYPE_CHECKING:
    from .api.submission import SubmissionApi

__all__ = [
    "Derived",
    "Immutable",
    "Implied",
    "Inputs",
    "Kind",
    "ListRule",
    "Local",
    "Meaning",
    "Outputs",
    "Part",
    "Provider",
    "Resource",
    "Retained",
    "Secret",
    "Seen",
    "Stored",
    "Unordered",
    "WriteOnly",
]


class Provider(dynamic.ResourceProvider):
    """The engine's six methods over one `Kind`. Subclasses only name the kind, and themselves.

    State holds a provider as a pickle of some seventy bytes, `load(known_as)`: whatever else moves or is renamed, that
    function stays here and those names keep their meaning.
    """

    serialize_as_secret_always = False
    kind: ClassVar[Kind[Any, Any]]
    known_as: ClassVar[str]
    """Name of the resource's class in the package, as state has it; never changes."""
    _config: dict[str, str]
    _operation: Operation

    def __reduce__(self) -> tuple[Any, ...]:
        return load, (self.known_as,)

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        from .settings import CONFIG_KEYS, Settings  # programs need neither

        self._config = {key: value for key in CONFIG_KEYS if (value := req.config.get(key))}
        self._operation = PROCESS
        if not Settings.is_debugging(self._config):
            sys.tracebacklimit = 0  # the SDK sends whole tracebacks as error texts; people need the message

    @functools.cached_property
    def _api(self) -> SubmissionApi:
        # httpx and msal load here, when the first request is due, and never in a preview
        from ._progress import status
        from .api.submission import connect
        from .settings import Settings

        return connect(Settings.load(self._config), status)

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        props, model = self._said(news), self.kind.inputs
        try:
            problems = model.problems(props)
            inputs = {} if problems else model.canonical(model.completed(props, self._state(_olds)))
            problems = problems or self._doubled(news, inputs)
        except ValueError as error:
            problems = [str(error)]
        if problems:
            return dynamic.CheckResult(
                dict(news), [dynamic.CheckFailure("", shown(words)) for words in problems]
            )
        self._tell(self.kind.warnings(inputs))
        operation, key = self._operation, self._key(inputs)
        operation.checked.add(key)
        operation.declare(*scopes_of(inputs))
        if _olds:
            operation.claimed.add(key)
        else:  # it is new, or its replacement is forced: then the old one has to go
            operation.claimed.discard(key)
            self._tell(self._remarks({}, inputs, self.kind.inputs.names()))
        return dynamic.CheckResult(inputs, [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """`_olds` are the old outputs; an unknown counts as a change. In a refresh `_news` are the state's inputs.

        Raises InputError where what was published would be replaced.
        """
        model, old, operation = self.kind.inputs, self._state(_olds), self._operation
        new = model.canonical(self._state(_news))
        drifted = self.kind.drifted(old, new)
        self._tell(list(drifted.values()))
        changed = [name for name in model.differing(model.canonical(old), new) if name not in drifted]
        replaces = [name for name in changed if name in model.marked(Immutable)]
        if self.kind.stays_once_published:
            self._settle_replacement(_id, old, new, replaces)
        elif changed and operation.published & set(scopes_of(old)):
            self._tell(self.kind.locked(old, new))
        incomplete = any(name not in old for name in self.kind.decided())  # an output that this version added
        changes = bool(changed) or incomplete or not self.kind.is_settled(old)
        if changes:
            self._tell(self._remarks(old, new, changed))
        first = bool(replaces) and not self.kind.is_keyed_by_content
        return dynamic.DiffResult(changes=changes, replaces=replaces, delete_before_replace=first)

    def _settle_replacement(
        self, id: str, old: Mapping[str, Any], new: Mapping[str, Any], replaces: list[str]
    ) -> None:
        """Note whether it goes on. A replacement is refused once it was published, as far as all is known."""
        operation, values = self._operation, {name: (old.get(name), new[name]) for name in replaces}
        if old.get("published"):
            operation.published.add(id)
        if not replaces:
            operation.declare(id)
            return
        operation.leave(id)
        is_planned = self._key(new) in operation.checked  # and not only a refresh, which shows what it found
        if old.get("published") and is_planned and not holds_unknown(new):
            raise InputError(
                f"{self.kind.noun} {id} was published, so that it cannot be replaced:"
                f" {differences(values, self.kind.inputs.marked(Secret), 'is {}, not {}')}",
                next=f"write the old {' and '.join(replaces)} back; for another {self.kind.noun} declare another"
                " resource, and let go of this one with retain_on_delete=True",
            )

    def _doubled(self, news: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[str]:
        """One remote object belongs to one resource of a program."""
        name, place = news.get(NAME), self.kind.place(inputs)
        if not isinstance(name, str) or holds_unknown(place):
            return []
        other = self._operation.other_name((self.known_as, json.dumps(place, sort_keys=True)), name)
        if not other:
            return []
        words = ", ".join(f"{key} {value!r}" for key, value in place.items())
        double = f"{other!r} and {name!r} are the same {self.kind.noun} ({words})"
        return [f"{double}: one remote object belongs to one resource; remove one of them"]

    def _remarks(self, old: Mapping[str, Any], new: Mapping[str, Any], changed: Iterable[str]) -> list[str]:
        words = self.kind.inputs.vocabulary_remarks(new, changed)
        return [*self.kind.remarks(old, new), *(f"{self.kind.noun}: {remark}" for remark in words)]

    def _tell(self, remarks: list[str]) -> None:
        """The engine shows what a plugin prints as messages of the stack, in previews as well.

        Once: of a replacement both `diff` and the second `check` come here.
        """
        for each in remarks:
            if each not in self._operation.messages:
                self._operation.messages.add(each)
                print(shown(each), flush=True)

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        want = self.kind.inputs.parse(self._said(props))
        try:
            with self.kind.making(self._api, want):
                seen = self._same(self._found_or_made(want), want.plain())
        except NotFound as error:
            following = (
                "if what it belongs to was deleted: `pulumi refresh` notices, and `pulumi up` makes it again"
            )
            raise error if error.next else error.advise(following) from None
        self._operation.claimed.add(self._key(want.plain()))
        if self.kind.stays_once_published:
            self._operation.declare(seen.id)
        return dynamic.CreateResult(seen.id, self._outs(seen, want.plain()))

    def _found_or_made(self, want: Any) -> Seen[Any]:
        """What was there already, as the program wants it, or a new one."""
        found = self.kind.find(self._api, want)
        if found is None:
            return self.kind.create(self._api, want)
        if differing := want.differing(self._outs(found, want.plain()), want.plain()):
            self._tell(overwritten(self.kind.noun, found, want, differing))
        elif not want.holds_untold_secrets():
            return found
        return self.kind.update(self._api, found.id, want)

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        last, form = self._state(props), self.kind.id_form
        if len(parts := id_.split("/")) != len(form.split("/")) or not all(parts) or not is_harmless(id_):
            raise InputError(f"{self.kind.noun} {id_!r}: its id has the form {form}")
        try:
            seen = self.kind.refresh(self._api, id_, last)
        except NotFound as error:
            if "fingerprint" not in last:  # a look-up by `opts.id`: an empty answer would count as success
                raise self._not_found(id_, error, "check the id that `opts.id` names") from None
            return dynamic.ReadResult("", {})
        if "fingerprint" in last:
            self._same(seen, last)
        outs = self._outs(seen, last)
        return dynamic.ReadResult(seen.id, outs, {name: outs[name] for name in self.kind.inputs.names()})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        want = self.kind.inputs.parse(self._said(_news))
        try:
            seen = self.kind.update(self._api, _id, want)
        except NotFound as error:
            following = "it is gone: `pulumi refresh` notices, and `pulumi up` then makes it again"
            raise self._not_found(_id, error, following) from None
        self._same(seen, want.plain())
        return dynamic.UpdateResult(self._outs(seen, want.plain()))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        if self._key(self._state(_props)) in self._operation.claimed:
            return  # renamed in the program: now, or in a run that was cut off, its new name has taken it over
        try:
            if not self._stays(_id):
                self.kind.remove(self._api, _id, self._state(_props))
        except NotFound:
            return

    def _stays(self, id: str) -> bool:
        """Whether it would go because all that it is a part of goes, which stays because it was published.

        Then its draft stays as it is: who publishes next publishes that. What somebody took out of a program that
        goes on with the rest is deleted.
        """
        scopes = [] if self.kind.spares_drafts else scopes_of_part(self.kind.inputs.names(), id)
        ending = [scope for scope in scopes if not self._operation.is_kept(scope)]
        published = self._api.submissions.published(scopes[0]) if ending else frozenset[str]()
        if id in published:
            return False  # the service refuses it, and the error says what to do
        for scope in ending:
            if scope in published:
                self._tell([kept_draft(scope)])
                return True
        return False

    def _same(self, seen: Seen[Any], last: Mapping[str, Any]) -> Seen[Any]:
        """What is seen, when it is what is known under its id: what cannot change is no drift and replaces nothing."""
        model = self.kind.inputs
        besides = {*self.kind.may_drift, *model.marked(WriteOnly), *model.marked(Local)}
        fixed = [name for name in model.marked(Immutable) if name in last and name not in besides]
        known = model.canonical({**seen.inputs, **{name: last[name] for name in fixed}})
        if odd := [name for name in model.differing(seen.inputs, known) if name in fixed]:
            values = {name: (seen.inputs[name], known[name]) for name in odd}
            words = differences(values, model.marked(Secret), "{} instead of {}")
            raise ContractError(
                f"{self.kind.noun} {seen.id}: the service answers what can never change of it: {words}",
                next=ODD_ANSWER,
            )
        return seen

    def _not_found(self, id: str, error: NotFound, following: str) -> NotFound:
        return NotFound(f"{self.kind.noun} {id}: {error.doing}", said=error.said, next=following, status=404)

    def _key(self, props: Mapping[str, Any]) -> tuple[str, str]:
        fixed = [props.get(name) for name in self.kind.inputs.marked(Immutable)]
        return self.known_as, "" if holds_unknown(fixed) else json.dumps(fixed)

    def _said(self, props: Mapping[str, Any]) -> dict[str, Any]:
        """Without keys that are no arguments (`__provider`). From now on no message shows what is secret in them."""
        inner = {key for key in props if key.startswith("__") or key == NAME}
        plain = {key: value for key, value in props.items() if key not in inner and value is not None}
        keep_secret(*self.kind.inputs.secrets(plain))
        return plain

    def _state(self, props: dict[str, Any]) -> dict[str, Any]:
        return self.kind.upgrade(self._said(props))

    def _outs(self, seen: Seen[Any], last: Mapping[str, Any]) -> dict[str, Any]:
        """Inputs as the service has them (what it never tells: as last said), outputs, digest; a fresh dictionary."""
        inputs = self.kind.inputs.kept(seen.inputs, last)
        digest = self.kind.inputs.fingerprint(inputs)
        return {**inputs, **seen.outputs.plain(), "fingerprint": digest}


def load(known_as: str) -> Provider:
    """The provider of a resource of this package: what pickles in state call."""
    resource: type[Resource] | None = getattr(importlib.import_module(__package__), known_as, None)
    if resource is None:
        sys.tracebacklimit = 0  # nobody configures a provider that is not there
        raise SettingsError(
            f"the state holds a {known_as}, which this version of pulumi-partnercenter does not know",
            next="install the version that wrote it, or a newer one; `pulumi state delete` lets go of it",
        )
    return resource.provider()


NAME = "_declared_name"
"""Where a constructor tells `check` its resource's name, which the engine does not. It comes into no state.

SDKs before 3.240 or so drop names with two underscores on the way, and `_name` is an attribute of every resource.
"""


def _name_below(parent: pulumi.Resource | None, name: str) -> str:
    """A resource's name behind those of its parents: `shop/logo`."""
    return f"{parent.pulumi_resource_name}/{name}" if parent else name


class Resource(dynamic.Resource):
    """Base of every resource: arguments that were given, outputs declared, secrets marked."""

    provider: ClassVar[type[Provider]]

    fingerprint: pulumi.Output[str]
    """Digest of the arguments in canonical form, as the service has them."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> pulumi.Output[Any]: ...

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.__init__ = told_in_words(cls.__init__)  # type: ignore[method-assign]

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions | None) -> None:
        kind = self.provider.kind
        secret = kind.inputs.marked(Secret)
        declared: dict[str, Any] = dict.fromkeys([*kind.inputs.names(), *kind.decided()])
        for key, given in props.items():
            place = f"{type(self).__name__} {name!r}: {key}"
            value = _prepare_argument(given, place)
            if rule := uncarried(value):
                raise pulumi.RunError(shown(f"{place}: {rule}"))
            is_secret = value is not None and (key in secret or _holds_signed_address(value))
            declared[key] = pulumi.Output.secret(value) if is_secret else value
            if isinstance(value, pulumi.Output) and not is_secret and key.endswith("_url"):
                declared[key] = value.apply(_secret_if_signed)
        declared[NAME] = _name_below(opts.parent if opts else None, name)
        marks = pulumi.ResourceOptions(
            additional_secret_outputs=[*secret, "fingerprint"] if secret else [],
            hide_diffs=["__provider"],
            # Also where the engine alone decides on a replacement: `--replace`, `replacement_trigger`, `state taint`.
            delete_before_replace=None if kind.is_keyed_by_content else True,
        )
        super().__init__(self.provider(), name, declared, pulumi.ResourceOptions.merge(opts, marks))
        record_declaration(self, props)


def _prepare_argument(value: Any, place: str) -> Any:
    """The argument in types that the engine has, inside outputs as well. Raises RunError, naming the place."""
    if isinstance(value, pulumi.Output):
        return value.apply(functools.partial(_prepare_argument, place=place))
    if isinstance(value, Mapping):
        return {key: _prepare_argument(member, place) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_prepare_argument(element, place) for element in value]
    try:
        return to_transportable(value)
    except ValueError as error:
        raise pulumi.RunError(shown(f"{place}: {error}")) from None


def _holds_signed_address(value: Any) -> bool:
    """Whether an argument that is no secret by nature has an address with a signature in it."""
    if isinstance(value, Mapping | list | tuple):
        return any(map(_holds_signed_address, value.values() if isinstance(value, Mapping) else value))
    return isinstance(value, str) and is_signed(value)


def _secret_if_signed(value: Any) -> Any:
    return pulumi.Output.secret(value) if _holds_signed_address(value) else value
