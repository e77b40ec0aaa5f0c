"""Figures about the server itself, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class Figures:
    """Counters of one application; each application has its own, so that two in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "watchkeeper_http_requests",
            "Answers by route and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "watchkeeper_http_seconds",
            "How long answers took.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.streams = Gauge(
            "watchkeeper_http_streams", "Event streams that are open.", registry=self.registry
        )
        self.slow_streams = Counter(
            "watchkeeper_http_slow_streams",
            "Event streams that were ended because the reader was slow.",
            registry=self.registry,
        )
        self.head = Gauge(
            "watchkeeper_events_head", "Number of the last event in the log.", registry=self.registry
        )
        self.audit_waiting_full = Counter(
            "watchkeeper_audit_refused",
            "Requests refused because the audit could not be written.",
            registry=self.registry,
        )

    def text(self) -> bytes:
        """In the format that Prometheus reads."""
        return generate_latest(self.registry)
