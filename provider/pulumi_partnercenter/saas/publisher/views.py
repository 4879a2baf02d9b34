"""Pages that show: lists and their exports, a subscription, a webhook, a job, an hour of usage."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ...errors import PartnerCenterError
from ...fulfillment import SubscriptionStatus
from .. import pages, subscriptions, tables
from ..languages import choose_language, translatable, translate
from ..pages.words import WORDS
from ..service import Service
from ..tables import Access, Job, JobState, UsageRecord, UsageReport, Webhook
from ..usage_resending import choose_way
from .access import Publisher, View
from .exports import write_csv
from .list_pages import HIGHEST_ID, BadCursor, ListPage, Query, list_values, read_page, read_rows
from .lists import HISTORY, JOBS, LISTS, ROOT, SUBSCRIPTIONS, USAGE, WEBHOOKS

__all__ = [
    "can_activate",
    "can_cancel",
    "can_change",
    "export_list",
    "find_subscription",
    "read_number",
    "render",
    "show_job",
    "show_list",
    "show_operations",
    "show_subscription",
    "show_usage",
    "show_webhook",
]

HISTORY_ROWS, OTHER_ROWS = 20, 5
"""Rows of the lists on the page of a subscription."""
MOST_REPORTS = 200
MOST_COUNTED = 100
ID = re.compile(r"[!-~]{1,64}", re.ASCII)
NUMBER = re.compile(r"\d{1,19}", re.ASCII)
NOTICES = {
    "activate": translatable("The activation has been started."),
    "plan": translatable(
        "The other plan has been requested. The marketplace's answer will be in the history."
    ),
    "quantity": translatable(
        "The seats have been requested. The marketplace's answer will be in the history."
    ),
    "cancel": translatable(
        "The cancellation has been requested. The marketplace's answer will be in the history."
    ),
    "replay": translatable("It will be tried again now."),
    "again": translatable("It will be sent again in the next minutes."),
    "later": translatable("Its reports are in a later hour now, which is sent when it is over."),
    "busy": translatable(
        "Another change of this subscription is under way. Wait for its outcome, then try again."
    ),
    "unchanged": translatable("Nothing was to be done: somebody else was faster."),
}
"""By the parameter `done`."""


def render(
    service: Service,
    request: Request,
    publisher: Publisher,
    template: str,
    status: int = 200,
    *,
    section: str = "",
    **values: Any,
) -> Response:
    """Render a page of the publisher; `section` is the list that it belongs to."""
    notice = NOTICES.get(request.query_params.get("done", ""), "")
    common = {
        "publisher": publisher,
        "root": ROOT,
        "lists": LISTS,
        "section": section,
        "words": WORDS,
        "notice": translate(choose_language(request), notice),
    }
    return pages.render(service, request, f"publisher/{template}", status, **common | values)


def show_list(page: ListPage) -> View:
    """Return the view of a list."""

    def show(service: Service, request: Request, publisher: Publisher) -> Response:
        query = Query.read(page, request.query_params)
        with service.database.reading() as session:
            try:
                rows = read_page(session, page, query)
            except BadCursor:
                raise HTTPException(400) from None
            suggestions = {
                entry.name: list_values(session, entry.column) for entry in page.filters if entry.suggests
            }
            failed = _count_failed_jobs(session) if page is SUBSCRIPTIONS else 0
        parameters = query.parameters()
        return render(
            service,
            request,
            publisher,
            "list.html",
            section=page.name,
            page=page,
            query=query,
            rows=rows.rows,
            suggestions=suggestions,
            failed=failed,
            next_address=f"?{urlencode({**parameters, 'after': rows.after})}" if rows.after else "",
            first_address=f"?{urlencode(parameters)}" if query.after else "",
            export_address=f"{ROOT}/{page.name}.csv?{urlencode(parameters)}",
        )

    return show


def export_list(page: ListPage) -> View:
    """Return the view of a list's export, which is sent while it is read."""

    def export(service: Service, request: Request, _publisher: Publisher) -> Response:
        rows = read_rows(service.database, page, Query.read(page, request.query_params))
        return StreamingResponse(
            write_csv(page.exported, rows),
            media_type="text/csv",
            headers={"content-disposition": f'attachment; filename="{page.name}.csv"'},
        )

    return export


def show_subscription(service: Service, request: Request, publisher: Publisher) -> Response:
    """Show everything about a subscription: the newest of each list, with links to the rest."""
    row = find_subscription(service, request)
    query = Query({"subscription": row.id})
    with service.database.reading() as session:
        parts = [
            (page, read_page(session, page, query, limit=HISTORY_ROWS if page is HISTORY else OTHER_ROWS))
            for page in (HISTORY, WEBHOOKS, JOBS, USAGE)
        ]
    return render(
        service,
        request,
        publisher,
        "subscription.html",
        section="subscriptions",
        row=row,
        parts=parts,
        can_activate=can_activate(row),
        can_change=can_change(row),
        can_cancel=can_cancel(row),
    )


def show_operations(service: Service, request: Request, publisher: Publisher) -> Response:
    """Show the operations that wait for an answer, as the marketplace has them now."""
    row = find_subscription(service, request)
    problem = ""
    try:
        operations = service.client.list_operations(row.id)
    except PartnerCenterError as error:
        operations, problem = [], str(error)
    return render(
        service,
        request,
        publisher,
        "operations.html",
        502 if problem else 200,
        section="subscriptions",
        row=row,
        operations=operations,
        problem=problem,
    )


def show_webhook(service: Service, request: Request, publisher: Publisher) -> Response:
    operation_id = _read_id(request, "operation_id")
    with service.database.reading() as session:
        row = session.get(Webhook, operation_id)
    if row is None:
        raise HTTPException(404)
    return render(
        service, request, publisher, "webhook.html", section="webhooks", row=row, payload=_format(row.payload)
    )


def show_job(service: Service, request: Request, publisher: Publisher) -> Response:
    with service.database.reading() as session:
        row = session.get(Job, read_number(request))
    if row is None:
        raise HTTPException(404)
    return render(
        service,
        request,
        publisher,
        "job.html",
        section="jobs",
        row=row,
        is_dead=row.state == JobState.DEAD,
        payload=_format(row.payload),
    )


def show_usage(service: Service, request: Request, publisher: Publisher) -> Response:
    """Show the usage of an hour, and the reports that it consists of."""
    with service.database.reading() as session:
        row = session.get(UsageRecord, read_number(request))
        if row is None:
            raise HTTPException(404)
        statement = select(UsageReport).where(
            UsageReport.subscription_id == row.subscription_id,
            UsageReport.dimension == row.dimension,
            UsageReport.hour == row.hour,
        )
        reports = session.scalars(statement.order_by(UsageReport.id).limit(MOST_REPORTS)).all()
    return render(
        service,
        request,
        publisher,
        "usage_record.html",
        section="usage",
        row=row,
        reports=reports,
        can_resend=choose_way(row, service.now()) is not None,
    )


def can_activate(row: tables.Subscription) -> bool:
    """Whether the activation did not begin yet, or failed."""
    is_open = row.status in {SubscriptionStatus.PENDING, SubscriptionStatus.SUBSCRIBED}
    return is_open and row.access in {Access.NONE, Access.FAILED}


def can_change(row: tables.Subscription) -> bool:
    return row.status == SubscriptionStatus.SUBSCRIBED


def can_cancel(row: tables.Subscription) -> bool:
    return row.status != SubscriptionStatus.UNSUBSCRIBED


def find_subscription(service: Service, request: Request) -> tables.Subscription:
    """Return the subscription of the address. Raises: HTTPException 404."""
    with service.database.reading() as session:
        row = subscriptions.find(session, _read_id(request, "subscription_id"))
    if row is None:
        raise HTTPException(404)
    return row


def read_number(request: Request) -> int:
    """Return the number of the address. Raises: HTTPException 404 if it is none that a row can have."""
    text = request.path_params["number"]
    if not NUMBER.fullmatch(text) or int(text) > HIGHEST_ID:
        raise HTTPException(404)
    return int(text)


def _read_id(request: Request, name: str) -> str:
    """Raises HTTPException 404 for a text that a database might refuse."""
    text: str = request.path_params[name]
    if not ID.fullmatch(text):
        raise HTTPException(404)
    return text


def _count_failed_jobs(session: Session) -> int:
    """Count dead jobs, at most `MOST_COUNTED`."""
    dead = select(Job.id).where(Job.state == JobState.DEAD).limit(MOST_COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(dead)) or 0


def _format(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True)
