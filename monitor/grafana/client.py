"""Speaks with a Grafana through grafana-client, which is not among the monitor's own packages: docs/adr/0011."""

import importlib
from collections.abc import Callable
from typing import Any

from monitor.config.secret import Secret
from monitor.errors import ConfigError, SinkUnavailable

OLDEST = 11
"""The first Grafana whose language the dashboards speak."""
HOW_TO_GET_IT = (
    "grafana-client is not installed here, and must not be: it replaces a package of the monitor's own. "
    "In a checkout use scripts/grafana-push; elsewhere make an environment of its own: "
    "python3 -m venv push && push/bin/pip install 'venue-monitor[grafana]' && push/bin/venue-monitor grafana push ..."
)
Found = dict[str, Any]
"""What Grafana says of a folder, data source or dashboard."""


class Grafana:
    """One Grafana, as a service account with a token sees it.

    Args:
        url: its address, with the path below which it is served, if any.
        token: of a service account that may edit the folder.

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
        self.url = url.rstrip("/") + "/"  # without it, the client forgets the slash before «api»
        self._api = library.GrafanaApi.from_url(self.url, credential=token.reveal())

    def version(self) -> str:
        """Return Grafana's version, e.g. ``13.0.1``.

        Raises:
            ConfigError: it is too old, or no Grafana.

        """
        found = self._ask(lambda: self._api.client.GET("/health")) or {}
        version = str(found.get("version", ""))
        major = version.partition(".")[0]
        if not major.isdigit():
            raise ConfigError([f"{self.url}: this is no Grafana: /api/health tells no version"])
        if int(major) < OLDEST:
            raise ConfigError(
                [f"{self.url}: Grafana {version} is too old; the dashboards need {OLDEST} or newer"]
            )
        return version

    def folder(self, uid: str) -> Found | None:
        """Return a folder; ``None`` if there is none."""
        return self._ask(lambda: self._api.folder.get_folder(uid))

    def add_folder(self, uid: str, title: str) -> None:
        """Make a folder."""
        self._ask(lambda: self._api.folder.create_folder(title, uid=uid))

    def data_source(self, uid: str) -> Found | None:
        """Return a data source; ``None`` if there is none."""
        return self._ask(lambda: self._api.datasource.get_datasource_by_uid(uid))

    def put_data_source(self, uid: str, told: Found, *, new: bool) -> None:
        """Make a data source, or change it."""
        api = self._api.datasource
        if new:
            self._ask(lambda: api.create_datasource(told))
        else:
            self._ask(lambda: api.update_datasource_by_uid(uid, told))

    def dashboard(self, uid: str) -> Found | None:
        """Return a dashboard with its ``meta``; ``None`` if there is none."""
        return self._ask(lambda: self._api.dashboard.get_dashboard(uid))

    def put_dashboard(self, told: Found) -> None:
        """Make a dashboard, or replace it."""
        self._ask(lambda: self._api.dashboard.update_dashboard(told))

    def _ask(self, call: Callable[[], Any]) -> Found | None:
        """Return the answer; ``None`` for what isn't there.

        Raises:
            ConfigError: somebody has to change something: token, rights, dashboard.
            SinkUnavailable: there is no answer, or not now.

        """
        try:
            answer: Found | None = call()
        except self._errors.GrafanaServerError as error:
            raise SinkUnavailable(f"{self.url}: {error}; look into Grafana's log") from error
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
    told = {
        401: "the token is not accepted; make a new one for the service account",
        403: "the token's service account may not do this: give it the role Editor, and for a data source Admin",
        409: "something else has this name already; remove it, or give the folder another title",
        412: "somebody changed or provisioned this dashboard in the meantime, and Grafana keeps theirs",
    }
    return f"{status}: {told[status]} ({message})" if status in told else f"{status}: {message}"
