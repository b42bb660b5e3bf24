"""The InfluxDB data source as Grafana's API expects it, for each generation of InfluxDB."""

from typing import Literal

from monitor.config.secret import Secret
from monitor.grafana.client import Json
from monitor.grafana.push import UID

Generation = Literal["1", "2", "3"]


def influxdb(
    generation: Generation, url: str, database: str, user: str = "", secret: Secret | None = None
) -> Json:
    """Return the data source for InfluxQL queries.

    InfluxDB 1 expects a user and a password, 2 and 3 a token in an ``Authorization`` header.
    """
    json_data: Json = {"dbName": database, "httpMode": "POST", "timeInterval": "10s"}
    source: Json = {
        "name": "Venue InfluxDB",
        "uid": UID,
        "type": "influxdb",
        "access": "proxy",
        "url": url,
        "jsonData": json_data,
    }
    if generation == "1":
        source["user"] = user
        if secret is not None:
            source["secureJsonData"] = {"password": secret.reveal()}
    elif secret is not None:
        json_data["httpHeaderName1"] = "Authorization"
        source["secureJsonData"] = {"httpHeaderValue1": f"Token {secret.reveal()}"}
    return source
