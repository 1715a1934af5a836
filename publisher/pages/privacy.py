"""The privacy page: what the server records about visitors, as its settings say now."""

from publisher.pages.layout import Layout
from publisher.settings import Settings


class PrivacyPages:
    """Makes the page about privacy."""

    def __init__(self, layout: Layout, settings: Settings) -> None:
        self._layout = layout
        self._logs = "" if not settings.access_log else "full" if settings.access_log_full else "short"
        self._counts = bool(settings.metrics)
        self._engine = bool(settings.endpoint)
        self._services = bool(settings.query_services.strip())

    def page(self, path: str) -> str:
        """The page at a path."""
        summary = "What this site records about visitors: no cookies, no accounts, nothing from other sites."
        frame = self._layout.frame("Privacy", path, summary=summary)
        return self._layout.render(
            "privacy.html",
            frame=frame,
            logs=self._logs,
            counts=self._counts,
            engine=self._engine,
            services=self._services,
            static=self._layout.static_copy,
        )
