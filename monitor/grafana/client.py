"""A client for Grafana's API, based on grafana-client, which is not among the monitor's own packages: docs/adr/0011."""

import importlib
from collections.abc import Callable
from typing import Any

from monitor.config.secret import Secret
from monitor.errors import ConfigError, SinkUnavailable

OLDEST = 11
"""The first Grafana version that can show the dashboards."""
HOW_TO_GET_IT = (
    "grafana-client is not installed here, and must not be, because it replaces a package that the monitor needs. "
    "In a checkout, use scripts/grafana-push; elsewhere, create a separate environment: "
    "python3 -m venv push && push/bin/pip install 'venue-monitor[grafana]' && push/bin/venue-monitor grafana push ..."
)
Json = dict[str, Any]
"""A folder, data source or dashboard as Grafana's API has it."""


class Grafana:
    """One Grafana, accessed by a service account.

    Args:
        url: its address, including the path under which it is served, if any.
        token: the token of a service account that may edit the folder.

    Raises:
        ConfigError: grafana-client is missing.

    """

    def __init__(self, url: str, token: Secret) -> None:
        try:
            library = importlib.import_module("grafana_client")
            self._errors = importlib.import_module("grafana_client.client")
            self._http = importlib.import_module("niquests.exceptions")
        except ModuleNotFoundError as error:
            raise ConfigError([HOW_TO_GET_IT]) from error
        self.url = url.rstrip("/") + "/"  # without it, the client omits the slash before "api"
        self._api = library.GrafanaApi.from_url(self.url, credential=token.reveal())

    def version(self) -> str:
        """Return Grafana's version, e.g. ``13.0.1``.

        Raises:
            ConfigError: it is too old, or not a Grafana.

        """
        found = self._ask(lambda: self._api.client.GET("/health")) or {}
        version = str(found.get("version", ""))
        major = version.partition(".")[0]
        if not major.isdigit():
            raise ConfigError([f"{self.url}: not a Grafana: /api/health returns no version"])
        if int(major) < OLDEST:
            raise ConfigError(
                [f"{self.url}: Grafana {version} is too old; the dashboards need {OLDEST} or newer"]
            )
        return version

    def folder(self, uid: str) -> Json | None:
        """Return a folder; ``None`` if there is none."""
        return self._ask(lambda: self._api.folder.get_folder(uid))

    def add_folder(self, uid: str, title: str) -> None:
        """Create a folder."""
        self._ask(lambda: self._api.folder.create_folder(title, uid=uid))

    def data_source(self, uid: str) -> Json | None:
        """Return a data source; ``None`` if there is none."""
        return self._ask(lambda: self._api.datasource.get_datasource_by_uid(uid))

    def put_data_source(self, uid: str, source: Json, *, new: bool) -> None:
        """Create a data source, or update it."""
        api = self._api.datasource
        if new:
            self._ask(lambda: api.create_datasource(source))
        else:
            self._ask(lambda: api.update_datasource_by_uid(uid, source))

    def dashboard(self, uid: str) -> Json | None:
        """Return a dashboard with its ``meta``; ``None`` if there is none."""
        return self._ask(lambda: self._api.dashboard.get_dashboard(uid))

    def put_dashboard(self, body: Json) -> None:
        """Create a dashboard, or replace it."""
        self._ask(lambda: self._api.dashboard.update_dashboard(body))

    def _ask(self, call: Callable[[], Any]) -> Json | None:
        """Return the answer; ``None`` for what doesn't exist.

        Raises:
            ConfigError: the token, the permissions or the dashboard have to be changed.
            SinkUnavailable: there is no answer, or Grafana fails.

        """
        try:
            answer: Json | None = call()
        except self._errors.GrafanaServerError as error:
            raise SinkUnavailable(f"{self.url}: {error}; see Grafana's log") from error
        except self._errors.GrafanaClientError as error:
            if error.status_code == 404:  # noqa: PLR2004 - not found
                return None
            raise ConfigError(
                [f"{self.url}: {_advice(error.status_code, error.message)}"]
            ) from error
        except (self._errors.GrafanaException, self._http.RequestException) as error:
            raise SinkUnavailable(f"{self.url}: no answer: {error}") from error
        return answer


def _advice(status: int, message: str) -> str:
    advice = {
        401: "the token is not accepted; create a new one for the service account",
        403: "the service account may not do this; give it the role Editor, or Admin for a data source",
        409: "something else already has this name; remove it, or give the folder another title",
        412: "the dashboard was changed or provisioned in the meantime, and Grafana keeps that version",
    }
    return f"{status}: {advice[status]} ({message})" if status in advice else f"{status}: {message}"
