"""Resources that upload a file to a listing: arguments, and operations on the listing's rows.

Only the digest decides whether bytes changed: name, folder and time of the source do not matter. A file that the
service has already is never uploaded again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from urllib.parse import quote, unquote

from ..api.submission.absences import Gone, NoListing
from ..api.submission.models import File
from ..content.sources import Content, file_content, plain
from ..errors import ODD_ANSWER, ContractError, InputError, NotFound, Stale
from ..kind import Current, StoredFile
from ..markers import Accepts, Meaning
from ..model import Arguments, Outputs
from ..values import UNKNOWN, holds_unknown
from ._drafts import build_document, preserve_spelling, read_arguments
from ._submission_api import ListingFiles, SubmissionApi, SubmissionApiKind

__all__ = [
    "FileArguments",
    "FileKind",
    "FileName",
    "OptionalSource",
    "Source",
    "about_source",
    "require_unchanged",
]

ROUNDS = 5
"""Attempts while other runs upload the same file at the same time."""

F = TypeVar("F", bound=File)


def _file_name(value: str) -> str:
    if not value.isprintable() or {"/", "\\"} & set(value) or value in (".", ".."):
        raise ValueError("must be a file's name without folders")
    return value


SOURCE = Accepts("str | pulumi.Asset | pulumi.Archive", only=True)
Source = Annotated[Any, Meaning(accept=plain), SOURCE]
"""A path or an asset, as state keeps it."""
OptionalSource = Annotated[Any, Meaning(accept=lambda value: value and plain(value)), SOURCE]
FileName = Annotated[str, Meaning(_file_name)]


@contextmanager
def about_source(argument: str = "source") -> Iterator[None]:
    """Prefix a broken rule with the argument's name."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{argument}: {error}") from None


def require_unchanged(noun: str, digest: str, planned_digest: str) -> None:
    """Raise InputError if a source changed since the plan."""
    if digest != planned_digest:
        raise InputError(f"{noun}: its source changed while it ran", next="run the same command again")


class FileArguments(Arguments):
    """Arguments with the `source` of one file, and a `digest` and perhaps a `file_name` derived from it."""

    is_by_kind: ClassVar[bool] = False
    """Whether rules and name of the file depend on `kind`."""

    @classmethod
    def problem(cls, content: Content, props: Mapping[str, Any]) -> str | None:
        """Return the rule of the service that the file breaks, if any. Called once its kind is known."""
        raise NotImplementedError

    @classmethod
    def default_name(cls, content: Content, props: Mapping[str, Any]) -> str:  # noqa: ARG003
        """Return the file's name in the service, unless the program gives one."""
        return content.name

    @classmethod
    def completed(cls, props: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
        given, kind = props.get("source") or "", props.get("kind") if cls.is_by_kind else None
        if holds_unknown(given):
            return cls._filled(props, UNKNOWN, UNKNOWN)
        if not given:
            return cls._filled(props, "", "")
        with about_source():
            content = file_content(plain(given))
            if not holds_unknown(kind) and (rule := cls.problem(content, props)):
                raise ValueError(rule)
        name = UNKNOWN if holds_unknown(kind) else cls.default_name(content, props)
        if olds.get("digest") == content.digest and (not cls.is_by_kind or olds.get("kind") == kind):
            name = olds.get("file_name", name)  # another name of the source is no change
        return cls._filled(props, content.digest, name)

    @classmethod
    def _filled(cls, props: Mapping[str, Any], digest: object, name: object) -> dict[str, Any]:
        if "file_name" not in cls.names() or props.get("file_name"):
            return {**props, "digest": digest}
        if name == "":
            raise ValueError("file_name: is required, because the source has no name")
        return {**props, "digest": digest, "file_name": name}


I = TypeVar("I", bound=FileArguments)  # noqa: E741


class FileKind(SubmissionApiKind[I, Outputs], Generic[I, F]):
    """Operations on a file in a listing. Subclasses match rows with keys and translate rows both ways."""

    outputs = Outputs
    key: ClassVar[tuple[str, ...]]
    """The arguments that form the `id`, `offer` and `language` first."""

    def files(self, api: SubmissionApi) -> ListingFiles[F]:
        raise NotImplementedError

    def is_of(self, row: F, key: Mapping[str, str]) -> bool:
        raise NotImplementedError

    def key_in(self, row: F) -> dict[str, str]:
        """Return the arguments of a row's key, without `offer` and `language`."""
        raise NotImplementedError

    def read_arguments(self, row: F) -> dict[str, Any]:
        """Return the arguments in a row, without its key and its bytes."""
        return read_arguments(self.arguments, row)

    def build_row(self, desired: I, row: F) -> F:
        """Return the row with desired members. Its unmodelled members survive."""
        return build_document(desired, row)

    def new(self, desired: I, name: str) -> F:
        """Return a row that waits for its bytes. `name` is the name of the source."""
        raise NotImplementedError

    def list_ids(self, api: SubmissionApi, offer: str) -> list[str]:
        ids = [
            self.id_of(offer, language, row)
            for language in api.listings.languages(offer)
            for row in self.files(api).all(offer, language)
            if not row.is_pending
        ]
        return list(dict.fromkeys(ids))

    def id_of(self, offer: str, language: str, row: F) -> str:
        """Return the `id` of a row in the listing of a language."""
        return self._id({"offer": offer, "language": language, **self.key_in(row)})

    def program_arguments(self, api: SubmissionApi, current: Current[Outputs]) -> dict[str, Any]:
        row = next(row for row in self._rows(api, self._key(current.id)) if not row.is_pending)
        if not row.address:
            return current.arguments
        stored = StoredFile(
            current.arguments.get("file_name", ""), lambda path: self.files(api).save(row, path)
        )
        return {**current.arguments, "source": stored}

    def natural_key(self, props: Mapping[str, Any]) -> dict[str, Any]:
        return {name: props.get(name) for name in self.key}

    def find(self, api: SubmissionApi, desired: I) -> Current[Outputs] | None:
        """Finds a file with the same id, and completes unfinished uploads of an interrupted run."""
        key = self._key_of(desired)
        try:
            rows = self._rows(api, key)
        except NoListing as error:
            raise error.advise(
                "declare an OfferListing in this language, and pass its `.language` to this, so that it comes first"
            ) from None
        if not [row for row in rows if not row.is_pending]:
            return None
        finished = all(row.is_pending or self._is(api, row, desired) for row in rows)
        # A write of a fresh file only removes the rows of an interrupted run.
        return self._current(api, key, rows, is_fresh=finished)

    def create(self, api: SubmissionApi, desired: I) -> Current[Outputs]:
        return self._converged(api, self._key_of(desired), desired)

    def read(self, api: SubmissionApi, id: str) -> Current[Outputs]:
        key = self._key(id)
        rows = self._rows(api, key)
        if not [row for row in rows if not row.is_pending]:
            raise Gone(f"{self.noun} {id}: the listing does not have it", status=404)
        return self._current(api, key, rows)

    def update(self, api: SubmissionApi, id: str, desired: I) -> Current[Outputs]:
        return self._converged(api, self._key(id), desired)

    def delete(self, api: SubmissionApi, id: str) -> None:
        """The file is removed from the draft. The live file stays until the next publication."""
        key = self._key(id)
        for row in self._rows(api, key):
            self.files(api).remove(key["offer"], key["language"], row.id)

    def _converged(self, api: SubmissionApi, key: Mapping[str, str], desired: I) -> Current[Outputs]:
        """Leave a single row of this key, with the desired bytes and members. Old rows go after the upload.

        Another run may do the same concurrently. Of rows with equal bytes the newest stays, whoever created it.
        A new row with other bytes belongs to another run or person: this run then removes its own.
        """
        files, place = self.files(api), (key["offer"], key["language"])
        before, added_id, failure = {row.id for row in self._rows(api, key)}, "", None
        for _ in range(ROUNDS):
            rows = self._rows(api, key)
            holding = [row for row in rows if self._holds(api, row, desired)]
            if [row for row in rows if not (row.is_pending or row.id in before or row in holding)]:
                if added_id:
                    files.remove(*place, added_id)
                raise self._overtaken(key)
            kept = None
            try:
                if holding:
                    kept = self._change_row(api, key, holding[-1], desired)
                else:
                    added_id = self._add_row(api, desired).id
            except (NotFound, Stale) as error:
                if isinstance(error, Stale) and holding:
                    raise  # another client changed the row's members
                failure = error
            if kept is None:
                files.list_current(*place)
                continue
            others = [row for row in rows if row.id != kept.id]
            if not others:
                return self._current_with(key, kept, desired.to_json()["digest"])
            for row in others:
                files.remove_unchanged(*place, row)
            files.list_current(*place)  # another run may have removed this row, so list again
        raise failure or self._overtaken(key)

    def _change_row(self, api: SubmissionApi, key: Mapping[str, str], row: F, desired: I) -> F:
        """Give the row the desired members."""
        if self._is(api, row, desired):
            return row
        current = self._current_with(key, row, desired.to_json()["digest"]).arguments

        def build(row: F) -> F:
            if not self.is_of(row, key):  # the write would give the row another key
                raise ContractError(
                    f"{self.noun} {self._id(key)}: write: the answer is about another {self.noun}",
                    next=ODD_ANSWER,
                )
            return preserve_spelling(desired, current, row, lambda given: self.build_row(given, row))

        return self.files(api).change(key["offer"], key["language"], row.id, build)

    def _overtaken(self, key: Mapping[str, str]) -> Stale:
        return Stale(
            f"{self.noun} {self._id(key)}: somebody else uploaded another file meanwhile",
            next="run `pulumi refresh` to see the change, then decide and run `pulumi up` again",
            status=412,
        )

    def _add_row(self, api: SubmissionApi, desired: Any) -> F:
        content = file_content(desired.source) if desired.source else None
        if content:
            require_unchanged(f"{self.noun} {content.name}", content.digest, desired.digest)
        new = self.new(desired, content.name if content else "")
        return self.files(api).add(desired.offer, desired.language, new, content)

    def _holds(self, api: SubmissionApi, row: F, desired: Any) -> bool:
        return not row.is_pending and self.files(api).digest(row) == desired.digest

    def _is(self, api: SubmissionApi, row: F, desired: I) -> bool:
        plain = desired.to_json()
        current = self._current_with(self._key_of(desired), row, plain["digest"]).arguments
        return self._holds(api, row, desired) and not desired.differing(current, plain)

    def _rows(self, api: SubmissionApi, key: Mapping[str, str]) -> list[F]:
        return [row for row in self.files(api).all(key["offer"], key["language"]) if self.is_of(row, key)]

    def _current(
        self, api: SubmissionApi, key: Mapping[str, str], rows: list[F], *, is_fresh: bool = False
    ) -> Current[Outputs]:
        """Build the current state from the rows of a key. Several rows give no file's digest: the next run writes."""
        digests = ["unfinished" if row.is_pending else self.files(api).digest(row) for row in rows]
        shown = next(row for row in rows if not row.is_pending)
        return self._current_with(key, shown, "+".join(sorted(digests)), is_fresh=is_fresh)

    def _current_with(
        self, key: Mapping[str, str], row: F, digest: str, *, is_fresh: bool = False
    ) -> Current[Outputs]:
        arguments = {"source": "", **self.read_arguments(row), **key, "digest": digest}
        return Current(self._id(key), self.arguments.canonical(arguments), self.outputs(), is_fresh)

    def _id(self, key: Mapping[str, str]) -> str:
        return "/".join(quote(key[name], safe="") for name in self.key)

    def _key(self, id: str) -> dict[str, str]:
        return dict(zip(self.key, map(unquote, id.split("/")), strict=True))

    def _key_of(self, desired: I) -> dict[str, str]:
        return {name: getattr(desired, name) for name in self.key}
