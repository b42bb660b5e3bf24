"""The address under which people reach the console."""

from monitor.app.runfile import read_run_file
from monitor.config import Config
from monitor.config.http import Http


def console_address(http: Http, port: int) -> str:
    """Return the address of the console, without a slash at its end."""
    scheme = "http" if http.tls is None else "https"
    return http.public_url or f"{scheme}://{http.host}:{port}"


def find_console(config: Config) -> str:
    """Return the address of the console of the running monitor; if none is running, of the one to be started."""
    running = read_run_file(config.journal.path)
    return console_address(config.http, config.http.port if running is None else running.http_port)
