"""Sessions of visitors: a random id in a cookie, its digest in the database.

Customers and the publisher's people have sessions of their own, in different cookies. A sign-in ends the session that
began it and opens another one, so that an id that somebody planted before is worth nothing.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from . import pages, tables
from .cookies import read_session_id, set_session_id
from .directory import Audience, Flow
from .encryption import decrypt, encrypt
from .languages import translatable
from .service import Service
from .tables import LandingVisit

__all__ = [
    "User",
    "ask_to_sign_in",
    "begin",
    "end",
    "find",
    "find_user",
    "require_user",
    "sign_in",
    "take_flow",
]

LIFETIMES: Mapping[Audience, timedelta] = {"customer": timedelta(hours=24), "publisher": timedelta(hours=8)}
"""Of a session after the sign-in. A marketplace token lives for 24 hours too."""
ANONYMOUS_LIFETIME = timedelta(hours=2)
MOST_FLOWS = 5
"""Sign-ins that a session may have begun at the same time, in several tabs."""


@dataclass(frozen=True)
class User:
    """A signed-in person: claims of a validated ID token."""

    tenant_id: str
    object_id: str
    name: str = ""
    email: str = ""
    """For display: nobody verified it."""
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @classmethod
    def from_claims(cls, claims: Mapping[str, Any]) -> User:
        """Return the user of an ID token. Claims of another type count as missing."""
        return cls(
            tenant_id=claims["tid"],
            object_id=claims["oid"],
            name=_read_text(claims.get("name")),
            email=_read_text(claims.get("email")) or _read_text(claims.get("preferred_username")),
            roles=_read_texts(claims.get("roles")),
            groups=_read_texts(claims.get("groups")),
        )

    @classmethod
    def from_row(cls, row: tables.Session) -> User | None:
        """Return the user of a session; None before the sign-in."""
        if not row.user:
            return None
        lists = {name: tuple(row.user[name]) for name in ("roles", "groups")}
        return cls(**{**row.user, **lists})


def find(service: Service, request: Request, audience: Audience) -> tables.Session | None:
    """Return the visitor's session; None if there is none, or it has expired."""
    identifier = read_session_id(request, audience)
    if not identifier:
        return None
    with service.database.reading() as session:
        row = session.get(tables.Session, digest(identifier))
    return row if row and row.audience == audience and row.expires_at > service.now() else None


def find_user(service: Service, request: Request, audience: Audience) -> User | None:
    """Return the signed-in user."""
    row = find(service, request, audience)
    return User.from_row(row) if row else None


def begin(service: Service, request: Request, audience: Audience) -> tables.Session:
    """Return the visitor's session; open one if necessary, whose cookie goes with the answer to this request."""
    row = find(service, request, audience)
    if row is None:
        with service.database.transaction() as session:
            row = _create(request, audience, service.now(), ANONYMOUS_LIFETIME)
            session.add(row)
    return row


def require_user(service: Service, request: Request, audience: Audience) -> User | Response:
    """Return the signed-in user, or the answer that begins the sign-in, which leads back to this address.

    The answer to a form is a page that asks to open the address again. Raises: Unavailable without Entra ID.
    """
    return find_user(service, request, audience) or ask_to_sign_in(service, request, audience)


def ask_to_sign_in(service: Service, request: Request, audience: Audience) -> Response:
    """Return the answer that begins the sign-in, as `require_user` does. Raises: Unavailable without Entra ID."""
    if request.method not in {"GET", "HEAD"}:
        return pages.render_error(
            service,
            request,
            403,
            heading=translatable("Your session has ended"),
            advice=translatable("Open the page again and sign in. Nothing was changed."),
        )
    path = f"/{request.url.path.lstrip('/')}"  # two slashes would name another host
    back = path + (f"?{request.url.query}" if request.url.query else "")
    redirect_uri = f"{service.settings.public_url}/sign-in/{audience}/callback"
    flow = service.directory.begin(audience, redirect_uri)
    visitor = begin(service, request, audience)
    with service.database.transaction() as session:
        row = session.get(tables.Session, visitor.id_hash, with_for_update=True)
        if row is None:  # ended by another request in the same moment
            row = _create(request, audience, service.now(), ANONYMOUS_LIFETIME)
            session.add(row)
        kept = encrypt(service.settings.keys, json.dumps({"flow": flow, "back": back}))
        flows = [*row.data.get("flows", {}).items(), (digest(flow["state"]), kept)]
        row.data = {**row.data, "flows": dict(flows[-MOST_FLOWS:])}
    return RedirectResponse(flow["auth_uri"], 303)


def take_flow(service: Service, request: Request, audience: Audience, state: str) -> tuple[Flow, str] | None:
    """Return the sign-in that this session began with this state, and the address to go back to, once.

    None for the state of another session, one that was used, and one that is too old.
    """
    visitor = find(service, request, audience)
    if visitor is None:
        return None
    with service.database.transaction() as session:
        row = session.get(tables.Session, visitor.id_hash, with_for_update=True)
        flows = dict(row.data.get("flows", {})) if row else {}
        kept = flows.pop(digest(state), None)
        if row is None or kept is None:
            return None
        row.data = {**row.data, "flows": flows}
    text = decrypt(service.settings.keys, kept)
    if text is None:
        return None
    document = json.loads(text)
    return document["flow"], document["back"]


def sign_in(service: Service, request: Request, audience: Audience, user: User) -> tables.Session:
    """Open a session of the user, and end the one before. Its visits, and sign-ins in other tabs, move along."""
    former = find(service, request, audience)
    with service.database.transaction() as session:
        row = _create(request, audience, service.now(), LIFETIMES[audience])
        row.user = asdict(user)
        session.add(row)
        if former:
            kept = session.get(tables.Session, former.id_hash, with_for_update=True)
            row.data = {"flows": kept.data.get("flows", {})} if kept else {}
            session.flush()
            if not former.user or User.from_row(former) == user:
                session.execute(
                    update(LandingVisit)
                    .where(LandingVisit.session_hash == former.id_hash)
                    .values(session_hash=row.id_hash)
                )
            _remove(session, former.id_hash)
    return row


def end(service: Service, request: Request, audience: Audience) -> None:
    """Sign the visitor out: the session and its visits are gone, whoever knows its id."""
    identifier = read_session_id(request, audience)
    with service.database.transaction() as session:
        _remove(session, digest(identifier))
    set_session_id(request, audience, "")


def digest(text: str) -> str:
    """Return the SHA-256 of an id, by which the database knows it."""
    return hashlib.sha256(text.encode()).hexdigest()


def _create(request: Request, audience: Audience, now: datetime, lifetime: timedelta) -> tables.Session:
    identifier = secrets.token_urlsafe(32)
    set_session_id(request, audience, identifier)
    return tables.Session(
        id_hash=digest(identifier),
        audience=audience,
        user={},
        data={},
        created_at=now,
        expires_at=now + lifetime,
    )


def _remove(session: Any, id_hash: str) -> None:
    session.execute(delete(LandingVisit).where(LandingVisit.session_hash == id_hash))
    session.execute(delete(tables.Session).where(tables.Session.id_hash == id_hash))


def _read_text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _read_texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
