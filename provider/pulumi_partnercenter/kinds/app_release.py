"""A release of a Business Central app: packages, version, submission. Source: Partner Center submission API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from annotated_types import Ge

from ..api.submission.absences import Gone
from ..api.submission.submission_models import Contents, Standing, find_live
from ..api.submission.submission_models import Submission as Run
from ..content.apps import App, find_app, require_installable, version_of
from ..errors import NotFound
from ..kind import Current
from ..markers import Boolean, Configured, Derived, Immutable, Local, Number, WriteOnly
from ..model import Arguments, Outputs
from ..values import UNKNOWN, holds_unknown
from ._app_drafts import (
    AppContent,
    draft_instances,
    find_packages,
    has_other_packages,
    require_own_packages,
    write_drafts,
)
from ._apps import (
    AppInPackage,
    compare_libraries,
    compare_main_apps,
    describe_app,
    judge_dependencies,
    parse_app,
    record_app,
)
from ._files import Source, about_source
from ._packages import LIBRARY, MAIN_APP, OptionalSources, checked_content, several
from ._publishing import (
    current_submission,
    describe_obstacle,
    digest,
    find_own,
    goes_on,
    is_due,
    is_recorded,
    recorded_content,
    with_recorded_content,
)
from ._release import (
    Release,
    ReleaseKind,
    deadline_after,
    is_corrected,
    make_room,
    reach_target,
    with_cancelled,
)
from ._rules import OfferReference, Word
from ._submission_api import SubmissionApi
from ._undeclared import name_carried
from .package import PackageArguments

SENT: Contents = frozenset({("", "Package"), ("", "Property")})
"""Modules of a release of a live offer. The service compares the versions in both, so neither goes alone."""
NO_OFFER = (
    "offer is the id in the address of the offer in Partner Center, and the login has to be of its account"
)


class AppReleaseArguments(Arguments):
    """Arguments of a release. Other content of the offer stays as it is, and the drafts of others stay drafts."""

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer, or the id of the product."""
    app: Annotated[Source, Local]
    """The main app: an `.app` file, or a pattern that matches one, `build/*.app` or `build/**/ledger.app`."""
    libraries: Annotated[OptionalSources, Local] = ""
    """Apps that it needs: an `.app` file, a folder, a zip or a list of files. Not given: libraries of the former
    release stay. An empty list removes them."""
    target: Annotated[Literal["preview", "live"], Configured, WriteOnly] = "preview"
    """`preview`, visible to the preview audience, or `live`. Every `up` advances as far as the service allows."""
    version: Annotated[Word, Local] = ""
    """The version of the main app, which customers see unless `keeps_version`. Not given: as its manifest has it."""
    keeps_version: Annotated[Boolean, Local] = False
    """Whether the version that customers see stays: for the hotfix of an older release."""
    wait_minutes: Annotated[Number, Ge(0), Local] = 60
    """Maximum wait of an `up` for the preview, or for another publication of the offer. 0: no wait. No `up` waits for
    certification, which takes days: a later `up` reports its result."""
    replaces_running: Annotated[Boolean, Local] = False
    """Whether a release of this resource that is on the way to preview is cancelled for a newer one. Otherwise `up`
    waits until it has ended."""
    notes: Annotated[str, Local] = ""
    """Notes for the certification team. After a failure, a change of the notes submits unchanged content again."""
    adopt: Boolean = False
    """No effect: a release continues from the service's state anyway."""
    publishes: Annotated[list[str], Derived, WriteOnly] = []
    """Digests of the main app and of the libraries, and the version if the app does not show it."""
    apps: Annotated[list[AppInPackage], Derived, Local] = []
    """`{"id", "name", "publisher", "version", "dependencies"}` of each app, the main app first; a dependency is `{"id",
    "name", "publisher", "min_version"}`. Libraries that stay are those of the last release with libraries."""

    @classmethod
    def completed(cls, props: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
        given_libraries = props.get("libraries")
        if holds_unknown(props["app"], given_libraries):
            unknown = {"publishes": UNKNOWN, "apps": UNKNOWN}
            return {**props, **unknown, "version": props.get("version") or UNKNOWN}
        former = list(olds.get("publishes") or ())
        digests = [text.partition(" ")[2] for text in former]
        with about_source("app"):
            app_digest, apps = checked_content(find_app(props["app"]), MAIN_APP, digests)
        version, publishes = _chosen_version(props, apps), [f"app {app_digest}"]
        decided = _decide_version(props, olds, publishes[0], version, is_shown=bool(apps))
        with about_source("libraries"):
            libraries = "" if given_libraries is None else several(given_libraries)
        if libraries and not is_removal(libraries):
            with about_source("libraries"):
                libraries_digest, further = checked_content(libraries, LIBRARY, digests)
                publishes = [*publishes, f"libraries {libraries_digest}"]
                if not set(publishes) <= set(former):
                    require_installable([*apps, *further])
            apps = [*apps, *further]
        elif libraries:
            publishes = [*publishes, "libraries none"]
        else:  # those of the former release stay
            publishes = [*publishes, *(text for text in former if text.startswith("libraries "))]
            apps = [*apps, *_split_apps(olds)[1]]
        publishes = UNKNOWN if holds_unknown(decided) else [*publishes, *decided]
        recorded = [record_app(app) for app in apps]
        return {**props, "publishes": publishes, "apps": recorded, "version": version}


def _chosen_version(props: Mapping[str, Any], apps: Sequence[App]) -> Any:
    """Return the version that customers see. Raises ValueError if it is missing, or is not that of the app."""
    given, shown = props.get("version"), apps[0].version if apps else ""
    if not given and not shown and not props.get("keeps_version"):
        raise ValueError("version: is required: a runtime package does not show the version of its app")
    if not given or holds_unknown(given):
        return given or shown
    if shown and shown != given:
        raise ValueError(f"version: {given} is not that of the app, {shown}")
    if ".".join(map(str, version_of(given))) != given:
        raise ValueError(f"version: {given!r} must have four numbers, 1.2.3.4")
    return given


def _decide_version(
    props: Mapping[str, Any], olds: Mapping[str, Any], app: str, version: Any, *, is_shown: bool
) -> list[Any]:
    """Return what `publishes` says about the version that customers see, beside the digest of the app.

    `keeps_version` is about a new app: set for an app that was released before, it takes nothing back.
    """
    keeps, former = props.get("keeps_version"), olds.get("publishes") or ()
    if holds_unknown([keeps, version]):
        return [UNKNOWN]
    is_same = keeps or (olds.get("version") == version and not olds.get("keeps_version"))
    if app in former and is_same:
        return [text for text in former if text.startswith(("version ", "keeps "))]
    if keeps:
        return ["keeps version"]
    return [] if is_shown else [f"version {version}"]


def _split_apps(arguments: Mapping[str, Any]) -> tuple[list[App], list[App]]:
    """Return the main app, if its manifest shows it, and the libraries. Its version is that of the release."""
    apps, publishes = list(map(parse_app, arguments.get("apps") or ())), arguments.get("publishes") or ()
    shown = [app for app in apps[:1] if app.version == arguments.get("version")]
    if any(text.startswith("version ") for text in publishes):
        shown = []
    return shown, apps[len(shown) :]


def is_removal(libraries: object) -> bool:
    return libraries == {"files": {}}


class AppReleaseOutputs(Outputs):
    """Computed outputs."""

    state: str
    """`on the way to preview`, `preview`, `in certification`, `live`, `failed`, `cancelled` or `archived`."""
    submission: str
    """Id of the newest submission, decimal."""
    content: str
    """Digest of the released content; empty for a submission of somebody else."""


ReleaseCurrent = Current[AppReleaseOutputs]


def _read_current(id: str, run: Run, content: str, arguments: Mapping[str, Any]) -> ReleaseCurrent:
    outputs = AppReleaseOutputs(state=run.standing.value, submission=run.id, content=content)
    return ReleaseCurrent(id, AppReleaseArguments.canonical({"app": "", **arguments}), outputs)


def _shown_content(run: Run, content: str) -> str:
    """Return the content for the state. A submission of another client, which carries it over, may still fail."""
    return run.content if run.standing is Standing.VALIDATING else content


def _is_published(api: SubmissionApi, product: str, run: Run, content: str, runs: Sequence[Run]) -> bool:
    """Whether another client has published the drafts of package and version as they are now."""
    is_shown = run.standing in (Standing.PREVIEW, Standing.LIVE)
    return is_shown and run.content != content and api.contents.equals_drafts(product, run, SENT, runs)


def _judge_apps(was: Mapping[str, Any], desired: Mapping[str, Any]) -> Iterator[str]:
    """Yield warnings about the apps of a release, beside those of the former one."""
    (main, libraries), (former, former_libraries) = _split_apps(desired), _split_apps(was)
    keeps, is_given = desired["keeps_version"], bool(desired["libraries"])
    if was.get("keeps_version") and not keeps:
        yield (
            f"warning: without keeps_version, customers see version {desired['version']}: `up` refuses it if they see"
            " a higher one"
        )
    is_other = desired["publishes"][:1] != was.get("publishes", [])[:1]
    for before, app in zip(former, main, strict=False):
        if is_other and (app.id, app.version) == (before.id, before.version):
            yield f"warning: version {app.version} was released before, with other content"
    hotfix = (
        ", which customers keep seeing"
        if keeps
        else "; for a hotfix of an older release set keeps_version=True"
    )
    yield from compare_main_apps(former, main, hotfix)
    yield from compare_libraries(former_libraries, libraries)
    yield from judge_dependencies([*main, *libraries] if is_given else main, [] if is_given else libraries)


def _build_content(desired: AppReleaseArguments) -> AppContent:
    """Return what goes into the drafts: the main app, and its libraries if they are given."""
    sources = {MAIN_APP: find_app(desired.app)}
    if desired.libraries and not is_removal(desired.libraries):
        sources[LIBRARY] = desired.libraries
    digests = dict(text.split(" ", 1) for text in desired.publishes)
    contents = {MAIN_APP: digests.get("app"), LIBRARY: digests.get("libraries")}
    packages = [
        PackageArguments(offer=desired.offer, source=source, kind=kind, digest=contents[kind])
        for kind, source in sources.items()
    ]
    version = "" if desired.keeps_version else desired.version
    return AppContent(packages, version, is_removal(desired.libraries))


class AppReleaseKind(ReleaseKind[AppReleaseArguments, AppReleaseOutputs]):
    """Uploads an app, raises the offer's version, and publishes both and nothing else; its `id` is the offer's."""

    noun, id_form, arguments, outputs = "app release", "<product>", AppReleaseArguments, AppReleaseOutputs

    def list_ids(self, api: SubmissionApi, offer: str) -> list[str]:  # noqa: ARG002
        """A release is no object of the service: `Package`, `OfferProperties` and `Submission` show its parts."""
        return []

    def create(self, api: SubmissionApi, desired: AppReleaseArguments) -> ReleaseCurrent:
        try:
            return super().create(api, desired)
        except Gone as error:
            raise error.advise(NO_OFFER) from None

    def refresh(self, api: SubmissionApi, id: str, last: Mapping[str, Any]) -> ReleaseCurrent:
        """Read the submission that `update` also uses; the newest if the state does not say what is published."""
        content = recorded_content(last)
        runs = api.submissions.all(id, last.get("submission"))

        def holds(run: Run) -> bool:
            is_ours = is_recorded(run, last) and last["content"] == content
            return is_ours or api.contents.carries(id, run, content, SENT, runs)

        run = current_submission(runs, holds)
        if run is None:
            raise NotFound(f"app release {id}: nothing was ever submitted", status=404)
        shown = _shown_content(run, content) if holds(run) else run.content
        current = with_recorded_content(_read_current(id, run, shown, {"offer": id}), last)
        return current if holds(run) else with_cancelled(current, last, runs)

    def advance(
        self,
        api: SubmissionApi,
        id: str,
        desired: AppReleaseArguments,
        runs: list[Run],
        state: Mapping[str, Any],
    ) -> ReleaseCurrent:
        only = SENT if find_live(runs) else frozenset()
        content, deadline = digest(desired.publishes), deadline_after(desired.wait_minutes)
        sent = find_own(state)
        own = sent if recorded_content(state) == content else None

        def carries(run: Run) -> bool:
            if run.id == own:
                return True
            holds = api.contents.carries(id, run, content, SENT, runs)
            if not holds or run.content != content:
                return holds
            return not has_other_packages(api, id, run, find_packages(api, id, _build_content(desired)))

        release = Release(
            id, content, carries, desired.target, deadline, sent=sent, replaces_sent=desired.replaces_running
        )
        run = make_room(api, release, runs)
        if run is None or is_due(run, desired.notes, carries) or is_corrected(api, id, run, only, runs):
            drafts = draft_instances(api, id)
            packages, is_new = write_drafts(api, id, _build_content(desired))
            latest = runs if is_new else api.submissions.all(id)
            if draft_instances(api, id) != drafts or latest[-1:] != runs[-1:]:
                # Another client has submitted the drafts meanwhile, perhaps with the same build.
                return self.advance(api, id, desired, api.submissions.all(id), state)
            if is_new or run is None or not _is_published(api, id, run, content, runs):
                needed = dict.fromkeys(SENT, f"AppRelease {desired.offer}")
                run = api.submissions.submit(id, runs, content, desired.notes, (), needed, only)
                require_own_packages(api, id, run, packages)
                own = run.id
        run = reach_target(api, release, run, lambda preview: name_carried(api, id, preview, SENT, runs))
        api.host.message(f"{self.subject(desired.to_json())}: {run.standing.value}")
        return _read_current(
            id, run, content if run.id == own else _shown_content(run, content), desired.to_json()
        )

    def describe_change(self, was: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        far = "to preview, then live" if desired["target"] == "live" else "to preview"
        subject, submission = self.subject(desired), was.get("submission")
        if was.get("offer") != desired["offer"]:
            was = {}  # nothing is known of another offer
        if was.get("publishes") == desired["publishes"]:
            if was.get("content") != recorded_content(was):
                return [
                    f"{subject}: submission {submission} is not what this stack sent: what differs goes {far}"
                ]
            return [f"{subject}: {goes_on(submission, was.get('state'), desired['target'])}"]
        if holds_unknown([desired["apps"], desired["publishes"]]):
            return [f"{subject}: goes {far}"]
        main, libraries = _split_apps(desired)
        what = f"{_offer(desired)}: {describe_app(main[0])}" if main else subject
        if is_removal(desired["libraries"]):
            what = f"{what} without libraries"
        elif libraries:
            what = f"{what} with {', '.join(map(describe_app, libraries))}"
        far += describe_obstacle(was, desired)
        if not was and not holds_unknown(desired["offer"]):
            far = f"{far}, unless the service has it already"
        return [f"{what}: goes {far}", *(f"{subject}: {warning}" for warning in _judge_apps(was, desired))]

    def subject(self, arguments: Mapping[str, Any]) -> str:
        """Return the offer, which tells releases of equal apps apart, and the main app with its version."""
        is_unknown = holds_unknown([arguments["apps"], arguments["publishes"]])
        main, _ = ([], []) if is_unknown else _split_apps(arguments)
        version = "" if holds_unknown(arguments["version"]) else arguments["version"]
        return f"{_offer(arguments)}: {main[0].name if main else 'app'} {version}".strip()


def _offer(arguments: Mapping[str, Any]) -> str:
    return "a new offer" if holds_unknown(arguments["offer"]) else f"offer {arguments['offer']}"
