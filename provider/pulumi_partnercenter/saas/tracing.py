"""Traces of requests, by OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT is set. The libraries: extra `otel`.

A span has method, status and the template of the route: no path, query, address or header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.middleware import Middleware
from starlette.types import Scope

from ..errors import SettingsError
from .logs import trace_id
from .observation import QUIET, find_template

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

__all__ = ["create_provider", "trace_requests"]

PRIVATE = (
    "url",
    "target",
    "full",
    "path",
    "query",
    "ip",
    "address",
    "port",
    "peer",
    "user_agent",
    "original",
)
"""Last words of the names of attributes that may hold a token, or data about persons."""


def create_provider() -> TracerProvider:
    """Return a provider that sends spans as the environment says. Raises: SettingsError without the libraries."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise SettingsError(
            "settings: OTEL_EXPORTER_OTLP_ENDPOINT is set, and OpenTelemetry is not installed",
            next="install pulumi-partnercenter[saas,otel], or unset it",
        ) from None
    resource = Resource.create({"service.name": "partnercenter-saas"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def trace_requests(provider: TracerProvider) -> Middleware:
    """Return the middleware that makes a span of each request."""
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

    return Middleware(
        OpenTelemetryMiddleware,
        excluded_urls=",".join(f"{path}$" for path in sorted(QUIET)),
        default_span_details=lambda scope: (_name(scope), {}),
        server_request_hook=_clean,
        tracer_provider=provider,
        exclude_spans=["receive", "send"],
    )


def _name(scope: Scope) -> str:
    return f"{scope.get('method', '')} {find_template(scope)}".strip()


def _clean(span: Any, scope: Scope) -> None:
    """Overwrite what a caller chose, and let the request's log lines name its trace."""
    if not span.is_recording():
        return
    trace_id.set(f"{span.get_span_context().trace_id:032x}")
    for name in [*span.attributes]:
        if name.rpartition(".")[2] in PRIVATE:
            span.set_attribute(name, "")
    span.set_attribute("http.route", find_template(scope))
