"""The base of every resource: programs declare arguments with it, and import nothing of what a plugin needs."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar, TypeVar, cast
from uuid import UUID

import pulumi
from pulumi import dynamic
from pulumi.runtime import get_root_resource, rpc

from .._resource import load
from ..messages import is_signed, no_such, shown

__all__ = ["Resource", "Schema", "find_declared", "friendly_type_errors", "list_declared"]

F = TypeVar("F", bound=Callable[..., None])

DECLARED_NAME = "_declared_name"
"""Property in which a constructor gives `check` its resource's name, which the engine does not. It is in no state.

SDKs before 3.240 or so drop names with two underscores on the way, and `_name` is an attribute of every resource.
"""
DECLARED_IDS = "_declared_ids"
"""Property with a name for each argument that is the `.id` of a resource: `{"offer": "archive.id"}`.

`check` knows by it that two arguments are the same id, which is unknown in the first preview. It is in no state either.
"""
DECLARED_RESOURCES = "_partnercenter_resources"
"""Attribute of the stack's root resource, which lives as long as one run of the program."""


@dataclass(frozen=True)
class Schema:
    """What a constructor has to know of a resource: its name in states, and names of arguments and outputs."""

    known_as: str
    arguments: tuple[str, ...]
    computed: tuple[str, ...]
    secrets: tuple[str, ...] = ()
    is_keyed_by_content: bool = False


class ProviderReference(dynamic.ResourceProvider):
    """Pickles as `load(known_as)`, some seventy bytes of state, which a plugin unpickles to the provider itself."""

    serialize_as_secret_always = False

    def __init__(self, known_as: str) -> None:
        super().__init__()
        self._known_as = known_as

    def __reduce__(self) -> tuple[Any, ...]:
        return load, (self._known_as,)


class Resource(dynamic.Resource):
    """Base of every resource of this package."""

    schema: ClassVar[Schema]

    fingerprint: pulumi.Output[str]
    """Digest of the arguments in canonical form, as the service has them."""

    def __init__(self, name: str, arguments: Mapping[str, Any], opts: pulumi.ResourceOptions | None) -> None:
        if opts and opts.import_:
            raise pulumi.RunError(
                shown(
                    f"{type(self).__name__} {name!r}: import_: Pulumi cannot import resources of this package:"
                    " leave it out, and `pulumi up` adopts what exists"
                )
            )
        schema = self.schema
        self.given_arguments = dict(arguments)
        props: dict[str, Any] = dict.fromkeys([*schema.arguments, *schema.computed])
        for argument, given in arguments.items():
            place = f"{type(self).__name__} {name!r}: {argument}"
            value = _prepare_argument(given, place)
            if reason := untransportable_reason(value):
                raise pulumi.RunError(shown(f"{place}: {reason}"))
            is_secret = value is not None and (argument in schema.secrets or _holds_signed_address(value))
            props[argument] = pulumi.Output.secret(value) if is_secret else value
        props[DECLARED_NAME] = _name_below(opts.parent if opts else None, name)
        if ids := _name_ids(arguments):
            props[DECLARED_IDS] = ids
        marks = pulumi.ResourceOptions(
            additional_secret_outputs=[*schema.secrets, "fingerprint"] if schema.secrets else [],
            hide_diffs=["__provider"],
            # Also where the engine alone decides on a replacement: `--replace`, `replacement_trigger`, `state taint`.
            delete_before_replace=None if schema.is_keyed_by_content else True,
        )
        provider = ProviderReference(schema.known_as)
        super().__init__(provider, name, props, pulumi.ResourceOptions.merge(opts, marks))
        if (root := get_root_resource()) is not None:  # without an engine there is no run to remember it for
            vars(root).setdefault(DECLARED_RESOURCES, []).append(self)


def list_declared() -> list[Resource]:
    """The resources of this package that the running program has declared so far, in its order."""
    root = get_root_resource()
    return list(vars(root).get(DECLARED_RESOURCES, [])) if root is not None else []


def find_declared(reference: Any) -> Resource | None:
    """The resource whose `.id` this is; None for any other value, one made of an `.id` too."""
    if not isinstance(reference, pulumi.Output):
        return None
    return next((resource for resource in list_declared() if resource.id is reference), None)


def _name_ids(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return names for the arguments that are ids of resources; none if several components have the name."""
    resources = {argument: find_declared(given) for argument, given in arguments.items()}
    return {
        argument: f"{resource.pulumi_resource_name}.id"
        for argument, resource in resources.items()
        if resource and not _has_namesake(resource)
    }


def _has_namesake(resource: Resource) -> bool:
    name = resource.pulumi_resource_name
    return any(
        type(other) is type(resource) and other.pulumi_resource_name == name and other is not resource
        for other in list_declared()
    )


def friendly_type_errors(init: F) -> F:
    """A constructor that reports a wrong call as every other mistake of a program is: by a sentence, no traceback."""
    signature = inspect.signature(init)

    @functools.wraps(init)
    def construct(self: object, *args: Any, **named: Any) -> None:
        try:
            signature.bind(self, *args, **named)
        except TypeError as error:
            unknown = next((name for name in named if name not in signature.parameters), "")
            words = no_such(unknown, signature.parameters) if unknown else str(error)
            resource = f"{type(self).__name__} {args[0]!r}" if args else type(self).__name__
            raise pulumi.RunError(shown(f"{resource}: {words}")) from None
        init(self, *args, **named)

    return cast("F", construct)


def _name_below(parent: pulumi.Resource | None, name: str) -> str:
    """A resource's name behind those of its parents: `shop/logo`."""
    return f"{parent.pulumi_resource_name}/{name}" if parent else name


def _prepare_argument(value: Any, place: str) -> Any:
    """The argument in types that the engine has, inside outputs as well. Raises RunError, naming the place."""
    if isinstance(value, pulumi.Output):
        return value.apply(functools.partial(_prepare_output, place=place))
    if isinstance(value, Mapping):
        return {key: _prepare_argument(member, place) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_prepare_argument(element, place) for element in value]
    try:
        return to_transportable(value)
    except ValueError as error:
        raise pulumi.RunError(shown(f"{place}: {error}")) from None


def _prepare_output(value: Any, place: str) -> Any:
    """The value of an output as `_prepare_argument` returns it; a secret if it has a signed address."""
    prepared = _prepare_argument(value, place)
    return pulumi.Output.secret(prepared) if _holds_signed_address(prepared) else prepared


def to_transportable(value: Any) -> Any:
    """Convert a single value of Python's own to a number or string, which the engine has.

    Raises ValueError, a rule in words, for a value that could mean two things.
    """
    if isinstance(value, Decimal):
        return _number_or_text(value)
    if isinstance(value, datetime):
        return _utc_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, set | frozenset | bytes | bytearray):
        instead = "a string" if isinstance(value, bytes | bytearray) else "a list"
        raise ValueError(  # noqa: TRY004 - a broken rule
            f"is of type {type(value).__name__}, which the engine does not have: pass {instead}"
        )
    return value


def _number_or_text(value: Decimal) -> float | str:
    """The engine's numbers are doubles: an amount that none of them is exactly stays a string, with all its digits."""
    number = float(value) if value.is_finite() else None
    return number if number is not None and Decimal(repr(number)) == value else str(value)


def _utc_text(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError(
            f"{moment.isoformat()} is a datetime without a time zone: make it with tzinfo=timezone.utc, or another"
        )
    try:
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:
        raise ValueError(f"{moment.isoformat()} is no time in UTC: the year is out of range") from None


def untransportable_reason(value: Any) -> str:
    """Why the engine cannot carry an argument, as a rule in words; empty when it can.

    The engine encodes unknowns and secrets as magic strings; an argument equal to one is rejected.
    """
    if isinstance(value, str):
        if value.strip("{}").lower() in ENGINE_SENTINELS or value == rpc._special_sig_key:  # noqa: SLF001
            return "is a sign of the engine's own, which it takes for something else"
        halves = any("\ud800" <= character <= "\udfff" for character in value)
        return "holds half a character (a lone surrogate), which Pulumi cannot transfer" if halves else ""
    if isinstance(value, Mapping):
        value = [*value, *value.values()]
    return (
        next(filter(None, map(untransportable_reason, value)), "") if isinstance(value, list | tuple) else ""
    )


ENGINE_SENTINELS = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""Unknown booleans, numbers, texts, lists, assets, archives and objects, as the engine spells them."""


def _holds_signed_address(value: Any) -> bool:
    """Whether an argument that is no secret by nature has an address with a signature in it."""
    if isinstance(value, Mapping | list | tuple):
        return any(map(_holds_signed_address, value.values() if isinstance(value, Mapping) else value))
    return isinstance(value, str) and is_signed(value)
