"""A server that accepts only requests in the form of Grafana 13's HTTP API, and answers as Grafana does.

The forms are those of Grafana's own OpenAPI description (v13.0.0): `CreateFolderCommand`, `AddDataSourceCommand`,
`UpdateDataSourceCommand`, `SaveDashboardCommand`, `CreatePlaylistCommand`; and of the documentation of its newer API,
`playlist.grafana.app/v1`. Dashboards have the form of `@grafana/schema` 13; a
real Grafana would take in others, too, and ignore what it doesn't know.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.support.dashboard_schema import refusals
from tests.support.servers import HOST, free_port

EDITOR, VIEWER = "glsa_editor", "glsa_viewer"
_FOLDER = {"uid": str, "title": str, "parentUid": str, "description": str}
_SOURCE: dict[str, type] = {
    "access": str,
    "basicAuth": bool,
    "basicAuthUser": str,
    "database": str,
    "isDefault": bool,
    "jsonData": dict,
    "name": str,
    "secureJsonData": dict,
    "type": str,
    "uid": str,
    "url": str,
    "user": str,
    "withCredentials": bool,
}
_DASHBOARD = {
    "UpdatedAt": str,
    "dashboard": dict,
    "folderId": int,
    "folderUid": str,
    "isFolder": bool,
    "message": str,
    "overwrite": bool,
    "userId": int,
}


_PLAYLIST = {"interval": str, "items": list, "name": str}
_PLAYLIST_V1 = {"interval": str, "items": list, "title": str}
_RESOURCE = {"apiVersion": str, "kind": str, "metadata": dict, "spec": dict}
_ITEM = {"order": int, "title": str, "type": str, "value": str}
_ITEM_TYPES = ("dashboard_by_tag", "dashboard_by_uid")
_GROUP, _VERSION = "playlist.grafana.app", "v1"


class Refused(Exception):
    """An error response of Grafana."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class FakeGrafana:
    """Folders, data sources and dashboards in memory.

    Args:
        version: the version it reports.
        below: the path under which it is served.

    """

    def __init__(self, version: str = "13.0.0", below: str = "") -> None:
        self.version = version
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}{below}"
        self.below = below
        self.folders: dict[str, dict[str, Any]] = {}
        self.sources: dict[str, dict[str, Any]] = {}
        self.dashboards: dict[str, dict[str, Any]] = {}
        self.playlists: dict[str, dict[str, Any]] = {}
        self.writes: list[str] = []
        """Every request that writes."""
        self.conflicts: set[str] = set()
        """Dashboards that were changed by someone else in the meantime."""
        self.broken = False

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["FakeGrafana"]:
        """Serve requests."""
        app = web.Application()
        app.router.add_route("*", self.below + "/api/{what:.*}", self._answer)
        app.router.add_route("*", self.below + "/{what:apis/.*}", self._answer)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, self.port).start()
            yield self
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        try:
            parts = request.match_info["what"].split("/")
            if parts == ["health"]:
                answer: Any = {"database": "ok", "version": self.version, "commit": "abc"}
            else:
                self._admit(request)
                body = await request.json() if request.can_read_body else None
                answer = self._do(request.method, parts, body)
        except Refused as refused:
            return web.json_response({"message": str(refused)}, status=refused.status)
        return web.json_response(answer)

    def _admit(self, request: web.Request) -> None:
        if self.broken:
            raise Refused(500, "database is locked")
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in (EDITOR, VIEWER):
            raise Refused(401, "Invalid API key")
        if request.method != "GET":
            if token == VIEWER:
                raise Refused(403, "You'll need additional permissions to perform this action")
            self.writes.append(f"{request.method} {request.path}")

    def _do(self, method: str, parts: list[str], body: Any) -> Any:  # noqa: ANN401 - JSON
        match method, parts:
            case "GET", ["folders", uid]:
                return _there(self.folders, uid, "folder not found")
            case "POST", ["folders"]:
                return self._add_folder(_shaped(body, _FOLDER, "title"))
            case "GET", ["datasources", "uid", uid]:
                row = _there(self.sources, uid, "Data source not found")
                secrets = dict.fromkeys(row.get("secureJsonData", {}), True)
                shown = {k: v for k, v in row.items() if k != "secureJsonData"}
                return {"id": 1, "readOnly": False, **shown, "secureJsonFields": secrets}
            case "POST", ["datasources"]:
                row = _shaped(body, _SOURCE, "name", "type", "access")
                if any(other["name"] == row["name"] for other in self.sources.values()):
                    raise Refused(409, "data source with the same name already exists")
                self.sources[row["uid"]] = row
                return {"id": 1, "name": row["name"], "message": "Datasource added"}
            case "PUT", ["datasources", "uid", uid]:
                _there(self.sources, uid, "Data source not found")
                self.sources[uid] = _shaped(
                    body, _SOURCE | {"version": int}, "name", "type", "access"
                )
                return {"id": 1, "name": body["name"], "message": "Datasource updated"}
            case "GET", ["dashboards", "uid", uid]:
                return _there(self.dashboards, uid, "Dashboard not found")
            case "POST", ["dashboards", "db"]:
                return self._put_dashboard(_shaped(body, _DASHBOARD, "dashboard"))
            case _:
                return self._do_with_playlists(method, parts, body)

    def _do_with_playlists(self, method: str, parts: list[str], body: Any) -> Any:  # noqa: ANN401 - JSON
        match method, parts:
            case "POST", ["playlists"]:
                row = _shaped(body, _PLAYLIST, "name", "interval", "items")
                uid = f"uid{len(self.playlists) + 1}"
                self.playlists[uid] = row | {"items": [_item(one) for one in row["items"]]}
                return {"id": 1, "uid": uid, "name": row["name"], "interval": row["interval"]}
            case "POST", ["apis", str(group), str(version), "namespaces", "default", "playlists"]:
                if (group, version) != (_GROUP, _VERSION):
                    raise Refused(404, "the server could not find the requested resource")
                return self._add_playlist(_shaped(body, _RESOURCE, *_RESOURCE))
            case _:
                raise Refused(404, f"Not found: {method} {parts}")

    def _add_playlist(self, row: dict[str, Any]) -> dict[str, Any]:
        if (row["kind"], row["apiVersion"]) != ("Playlist", f"{_GROUP}/{_VERSION}"):
            raise Refused(400, "the object provided is unrecognized")
        name = _shaped(row["metadata"], {"name": str}, "name")["name"]
        spec = _shaped(row["spec"], _PLAYLIST_V1, *_PLAYLIST_V1)
        if name in self.playlists:
            raise Refused(409, f'playlists "{name}" already exists')
        self.playlists[name] = spec | {"items": [_item(one) for one in spec["items"]]}
        return row

    def _add_folder(self, row: dict[str, Any]) -> dict[str, Any]:
        if row["uid"] in self.folders:
            raise Refused(409, "a folder with that uid already exists")
        self.folders[row["uid"]] = row
        return {"id": 1, **row, "url": f"/dashboards/f/{row['uid']}", "version": 1}

    def _put_dashboard(self, row: dict[str, Any]) -> dict[str, Any]:
        board, folder = row["dashboard"], row.get("folderUid", "")
        if not board.get("title"):
            raise Refused(400, "Dashboard title cannot be empty")
        for refusal in refusals(board):
            raise Refused(400, refusal)
        if folder not in self.folders:
            raise Refused(400, "folder not found")
        if board["uid"] in self.conflicts:
            raise Refused(412, "The dashboard has been changed by someone else")
        if board["uid"] in self.dashboards and not row.get("overwrite"):
            raise Refused(412, "A dashboard with the same uid already exists")
        version = self.dashboards.get(board["uid"], {}).get("dashboard", {}).get("version", 0) + 1
        kept = board | {"id": len(self.dashboards) + 1, "version": version}
        self.dashboards[board["uid"]] = {"dashboard": kept, "meta": {"folderUid": folder}}
        return {
            "id": kept["id"],
            "status": "success",
            "title": board["title"],
            "uid": board["uid"],
            "url": f"/d/{board['uid']}",
            "version": version,
        }


def _there(rows: Mapping[str, Any], uid: str, message: str) -> Any:  # noqa: ANN401 - JSON
    if uid not in rows:
        raise Refused(404, message)
    return rows[uid]


def _item(row: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    item = _shaped(row, _ITEM, "type", "value")
    if item["type"] not in _ITEM_TYPES:
        raise Refused(400, f"unknown type of an item: {item['type']}")
    return item


def _shaped(body: Any, shape: Mapping[str, type], *needed: str) -> dict[str, Any]:  # noqa: ANN401 - JSON
    if not isinstance(body, dict):
        raise Refused(400, "bad request data")
    for key, value in body.items():
        if key not in shape:
            raise Refused(400, f"unknown field {key}")
        if type(value) is not shape[key]:
            raise Refused(400, f"{key}: expected {shape[key].__name__}, got {value!r}")
    for key in needed:
        if not body.get(key):
            raise Refused(422, f"{key} is required")
    return body
