"""The data source as Grafana wants it, for each generation of InfluxDB."""

from typing import Literal

from monitor.config.secret import Secret
from monitor.grafana.client import Found
from monitor.grafana.push import UID

Generation = Literal["1", "2", "3"]


def influxdb(
    generation: Generation, url: str, database: str, user: str = "", secret: Secret | None = None
) -> Found:
    """Return the data source for InfluxQL.

    InfluxDB 1 takes a name and a password, 2 and 3 a token in a header of its own.
    """
    json_data: Found = {"dbName": database, "httpMode": "POST", "timeInterval": "10s"}
    told: Found = {
        "name": "Venue InfluxDB",
        "uid": UID,
        "type": "influxdb",
        "access": "proxy",
        "url": url,
        "jsonData": json_data,
    }
    if generation == "1":
        told["user"] = user
        if secret is not None:
            told["secureJsonData"] = {"password": secret.reveal()}
    elif secret is not None:
        json_data["httpHeaderName1"] = "Authorization"
        told["secureJsonData"] = {"httpHeaderValue1": f"Token {secret.reveal()}"}
    return told
