"""Check, diff, create, read, update and delete over a `Kind`: the behaviour that all resources share.

Values are JSON values and `UNKNOWN`. A host translates them from and to its engine, and shows messages.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .errors import ODD_ANSWER, AdoptionRefused, ContractError, InputError, NotFound
from .kind import Current, Kind, Publishes
from .markers import Immutable, Secret, WriteOnly
from .messages import Host, differences, is_harmless, keep_secret
from .model import Arguments
from .operation import Operation, kept_draft, scopes_of, scopes_of_part
from .settings import Settings
from .values import holds_unknown

__all__ = ["Checked", "Difference", "Host", "Lifecycle", "State", "check_arguments"]


@dataclass(frozen=True)
class Checked:
    """Arguments with defaults, or a sentence for each broken rule."""

    inputs: dict[str, Any]
    problems: list[str]


@dataclass(frozen=True)
class Difference:
    """Result of a diff: whether an update is needed, and the arguments whose change replaces the resource."""

    changes: bool
    replaces: list[str]
    delete_before_replace: bool


@dataclass(frozen=True)
class State:
    """A resource as the engine stores it. `outputs` include the inputs."""

    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


class Lifecycle:
    """Lifecycle of the resources of one kind, within one operation of the engine.

    `known_as` is the resource's name in states. `load_settings` is called before the first request, so never in a
    preview.
    """

    def __init__(
        self,
        kind: Kind[Any, Any, Any],
        known_as: str,
        host: Host,
        operation: Operation,
        load_settings: Callable[[], Settings],
    ) -> None:
        self.kind, self.known_as, self.operation = kind, known_as, operation
        self._host, self._load_settings, self._client = host, load_settings, None

    @property
    def client(self) -> Any:
        """Client of the service, opened at its first use."""
        if self._client is None:
            self._client = self.kind.open_client(self._load_settings(), self._host)
        return self._client

    def check(
        self, olds: Mapping[str, Any], news: Mapping[str, Any], name: str, ids: Mapping[str, str] = {}
    ) -> Checked:
        """Validate arguments and fill in defaults, without network.

        `olds`: the arguments of the last run, or empty. `name`: the resource's name, "" if unknown. `ids`: by argument,
        the name of the id that it is, which a preview may not know.
        """
        checked = check_arguments(self.kind.arguments, self._arguments(news), self._upgraded(olds))
        inputs = checked.inputs
        if problems := checked.problems or self._doubles(name, inputs, ids):
            return Checked({}, problems)
        self._show(self.kind.warnings(inputs))
        operation, key = self.operation, self._key(inputs)
        operation.checked.add(key)
        operation.declare(*scopes_of(inputs))
        if olds:
            operation.claimed.add(key)
        else:  # a new resource, or a forced replacement, which must delete the old object
            operation.claimed.discard(key)
            self._show(self._remarks({}, inputs, self.kind.arguments.names()))
        return checked

    def diff(self, id: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Difference:
        """Compare old outputs with new arguments, without network. An unknown counts as a change.

        In a refresh `news` are the inputs in the state. Raises InputError if a published object would be replaced, or
        for a change that cannot be made.
        """
        model, old, operation = self.kind.arguments, self._upgraded(olds), self.operation
        new = model.canonical(self._upgraded(news))
        drift = self.kind.irreparable_drift(old, new)
        self._show(list(drift.values()))
        changed = [name for name in model.differing(model.canonical(old), new) if name not in drift]
        replaces = [name for name in changed if name in model.marked(Immutable)]
        if self._stays_once_published():
            self._settle_replacement(id, old, new, replaces)
        elif changed and isinstance(self.kind, Publishes) and operation.published & set(scopes_of(old)):
            self._show(self.kind.locked_changes(old, new))
        # outputs that this version added may be missing
        is_incomplete = any(name not in old for name in self.kind.computed())
        changes = bool(changed) or is_incomplete or not self.kind.is_settled(old)
        if changes:
            self._require_possible(id, old, new)
            self._show(self._remarks(old, new, changed))
        return Difference(changes, replaces, bool(replaces) and not self.kind.is_keyed_by_content)

    def create(self, news: Mapping[str, Any]) -> State:
        """Create the remote object, or adopt an existing one. Raises AdoptionRefused for one that differs."""
        desired = self.kind.arguments.parse(self._arguments(news))
        try:
            with self.kind.hold(self.client, desired):
                current = self._require_same(self._adopt_or_create(desired), desired.to_json())
        except NotFound as error:
            advice = (
                "if its offer or plan was deleted, `pulumi refresh` notices, and `pulumi up` creates it again"
            )
            raise error if error.next else error.advise(advice) from None
        self.operation.claimed.update({self._key(desired.to_json()), (self.known_as, current.id)})
        if self._stays_once_published():
            self.operation.declare(current.id)
        return self._state(current, desired.to_json())

    def read(self, id: str, props: Mapping[str, Any]) -> State | None:
        """Read the remote object. Returns None if it is gone.

        `props` is the state. Without a fingerprint in it, this is a look-up by `opts.id`.
        """
        last, form = self._upgraded(props), self.kind.id_form
        if len(parts := id.split("/")) != len(form.split("/")) or not all(parts) or not is_harmless(id):
            raise InputError(f"{self.kind.noun} {id!r}: its id has the form {form}")
        try:
            current = self.kind.refresh(self.client, id, last)
        except NotFound as error:
            if "fingerprint" not in last:  # the engine would take None as a success of the look-up
                raise self._not_found(id, error, "check the id that `opts.id` names") from None
            return None
        state = self._state(current, last)
        if "fingerprint" in last:
            self._require_same(current, last)
            self._show(self.kind.describe_progress(last, state.outputs))
        return state

    def update(self, id: str, news: Mapping[str, Any], olds: Mapping[str, Any] = {}) -> State:
        """Write the arguments; `olds` is the state. Raises NotFound if the remote object is gone."""
        last, desired = self._upgraded(olds), self.kind.arguments.parse(self._arguments(news))
        try:
            current = self.kind.amend(self.client, id, desired, last)
        except NotFound as error:
            advice = "it was deleted: `pulumi refresh` removes it from the state, and `pulumi up` then creates it again"
            raise self._not_found(id, error, advice) from None
        self._require_same(current, desired.to_json())
        return self._state(current, desired.to_json())

    def delete(self, id: str, props: Mapping[str, Any]) -> None:
        """Delete the remote object, unless it is in use under another name or stays because it was published."""
        if self.operation.claimed & {self._key(self._upgraded(props)), (self.known_as, id)}:
            return  # another resource, or the replacement, has adopted the object, in this run or an interrupted one
        try:
            if not self._stays(id):
                self.kind.remove(self.client, id, self._upgraded(props))
        except NotFound:
            return

    def _stays_once_published(self) -> bool:
        return isinstance(self.kind, Publishes) and self.kind.stays_once_published

    def _settle_replacement(
        self, id: str, old: Mapping[str, Any], new: Mapping[str, Any], replaces: list[str]
    ) -> None:
        """Record whether the object stays in the program. Raises InputError if a published object would be replaced."""
        operation, values = self.operation, {name: (old.get(name), new[name]) for name in replaces}
        if old.get("published"):
            operation.published.add(id)
        if not replaces:
            operation.declare(id)
            return
        operation.leave(id)
        if old.get("published") and self._is_planned(new) and not holds_unknown(new):
            raise InputError(
                f"{self.kind.noun} {id} was published and cannot be replaced:"
                f" {differences(values, self.kind.arguments.marked(Secret), 'is {}, not {}')}",
                next=f"write the old {' and '.join(replaces)} back; for another {self.kind.noun} declare another"
                " resource, and keep this one in Partner Center with retain_on_delete=True",
            )

    def _is_planned(self, new: Mapping[str, Any]) -> bool:
        """Whether these are arguments of a program: a refresh calls `diff` without `check`."""
        return self._key(new) in self.operation.checked

    def _require_possible(self, id: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        """Raises InputError for a change of a program that cannot be made."""
        if self._is_planned(new) and (refusals := self.kind.refusals(old, new)):
            raise InputError(
                f"{self.kind.noun} {id}: the service refuses this change: {'; '.join(refusals)}",
                next="keep what is live in the program, or do what the message says instead",
            )

    def _doubles(self, name: str, inputs: Mapping[str, Any], ids: Mapping[str, str]) -> list[str]:
        """Return a problem if another resource of the program has the same remote object."""
        key = {
            argument: ids.get(argument, value) if holds_unknown(value) else value
            for argument, value in self.kind.natural_key(inputs).items()
        }
        if not name or holds_unknown(key):
            return []
        other = self.operation.other_name((self.known_as, json.dumps(key, sort_keys=True)), name)
        if not other:
            return []
        words = ", ".join(f"{argument} {value!r}" for argument, value in key.items())
        double = f"{other!r} and {name!r} are the same {self.kind.noun} ({words})"
        return [f"{double}: one remote object belongs to one resource; remove one of them"]

    def _remarks(self, old: Mapping[str, Any], new: Mapping[str, Any], changed: Iterable[str]) -> list[str]:
        words = self.kind.arguments.vocabulary_remarks(new, changed)
        return [*self.kind.describe_change(old, new), *(f"{self.kind.noun}: {remark}" for remark in words)]

    def _show(self, remarks: list[str]) -> None:
        """Show each remark once: a replacement makes it twice, in `diff` and in the second `check`."""
        for remark in remarks:
            if remark not in self.operation.messages:
                self.operation.messages.add(remark)
                self._host.message(remark)

    def _adopt_or_create(self, desired: Arguments) -> Current[Any]:
        """Return the existing object with the desired arguments, or a new one."""
        current = self.kind.find(self.client, desired)
        if current is None:
            return self.kind.create(self.client, desired)
        outputs = self._state(current, desired.to_json()).outputs
        if differing := desired.differing(outputs, desired.to_json()):
            compared = {**current.arguments, **{name: outputs[name] for name in desired.names()}}
            merged = replace(current, arguments=compared)
            self._show(describe_overwrite(self.kind.noun, merged, desired, differing))
        elif not desired.holds_unreadable_secrets():
            return current
        return self.kind.update(self.client, current.id, desired)

    def _stays(self, id: str) -> bool:
        """Whether a part of a published offer or plan stays, because the program drops the whole offer or plan.

        A published offer cannot be deleted, and its next publication needs the draft. A single resource that was taken
        out of a program is deleted.
        """
        if not isinstance(self.kind, Publishes) or self.kind.keeps_draft:
            return False
        scopes = scopes_of_part(self.kind.arguments.names(), id)
        ending = [scope for scope in scopes if not self.operation.is_kept(scope)]
        published = self.kind.list_published(self.client, scopes[0]) if ending else frozenset[str]()
        if id in published:
            return False  # the service refuses the deletion with an error that has the next step
        for scope in ending:
            if scope in published:
                self._show([kept_draft(scope)])
                return True
        return False

    def _require_same(self, current: Current[Any], last: Mapping[str, Any]) -> Current[Any]:
        """Raises ContractError if an immutable argument differs: an odd response must not replace the resource."""
        model = self.kind.arguments
        besides = {*self.kind.may_drift, *model.marked(WriteOnly)}
        fixed = [name for name in model.marked(Immutable) if name in last and name not in besides]
        expected = model.canonical({**current.arguments, **{name: last[name] for name in fixed}})
        if odd := [name for name in model.differing(current.arguments, expected) if name in fixed]:
            values = {name: (current.arguments[name], expected[name]) for name in odd}
            words = differences(values, model.marked(Secret), "{} instead of {}")
            raise ContractError(
                f"{self.kind.noun} {current.id}: the answer has other values of what never changes: {words}",
                next=ODD_ANSWER,
            )
        return current

    def _not_found(self, id: str, error: NotFound, advice: str) -> NotFound:
        return NotFound(f"{self.kind.noun} {id}: {error.doing}", said=error.said, next=advice, status=404)

    def _key(self, props: Mapping[str, Any]) -> tuple[str, str]:
        fixed = [props.get(name) for name in self.kind.arguments.marked(Immutable)]
        return self.known_as, "" if holds_unknown(fixed) else json.dumps(fixed)

    def _arguments(self, props: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments, and register their secrets for redaction."""
        given = {name: value for name, value in props.items() if value is not None}
        keep_secret(*self.kind.arguments.secrets(given))
        return given

    def _upgraded(self, props: Mapping[str, Any]) -> dict[str, Any]:
        return self.kind.upgrade_state(self._arguments(props))

    def _state(self, current: Current[Any], last: Mapping[str, Any]) -> State:
        """Build the state: arguments as read, unreadable ones as last given, outputs and fingerprint."""
        model = self.kind.arguments
        inputs = model.merge_unreadable(current.arguments, last)
        outputs = {**inputs, **current.outputs.to_json(), "fingerprint": model.fingerprint(inputs)}
        return State(current.id, {name: outputs[name] for name in model.names()}, outputs)


def check_arguments(model: type[Arguments], props: Mapping[str, Any], olds: Mapping[str, Any]) -> Checked:
    """Validate arguments, and fill in defaults and derived arguments. May read local files.

    `olds`: the arguments of the last run, or empty.
    """
    try:
        if problems := model.problems(props):
            return Checked({}, problems)
        return Checked(model.canonical(model.completed(props, olds)), [])
    except ValueError as error:
        return Checked({}, [str(error)])


def describe_overwrite(
    noun: str, current: Current[Any], desired: Arguments, differing: Sequence[str]
) -> list[str]:
    """Return remarks with the values that an adoption overwrites; none for an unchanged new object.

    Raises AdoptionRefused, with both values of each argument, without `adopt` or if an immutable argument differs.
    """
    fixed = [name for name in differing if name in desired.marked(Immutable)]
    values = {name: (current.arguments[name], desired.to_json()[name]) for name in differing}
    secret, subject = desired.marked(Secret), f"{noun} {current.id}"
    if not fixed and current.is_fresh:
        return []
    if not fixed and desired.adopt:
        return [f"{subject}: adopt: {differences(values, secret, 'was {}, becomes {}')}"]
    raise AdoptionRefused(
        f"{subject} exists already and differs: {differences(values, secret, 'is {}, not {}')}",
        next=f"{', '.join(fixed)} cannot change in place: write the value that exists, or choose another name"
        if fixed
        else "write what exists into the program, or set adopt=True to overwrite it",
    )
