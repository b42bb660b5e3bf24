"""A real nginx in front of InfluxDB 1.x that rewrites InfluxDB 2 write requests to those of 1.x."""

from pathlib import Path

from tests.support.servers import HOST, Server, program_of

_CONFIG = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_max_body_size {most};
    map $arg_precision $p1 {{ default $arg_precision; "us" "u"; "" "ns"; }}
    server {{
        listen {host}:{port};
        location = /api/v2/write {{
            rewrite ^ /write?db=$arg_bucket&precision=$p1? break;
            proxy_pass {url};
        }}
    }}
}}
"""


class Proxy(Server):
    """nginx; ``most`` is the largest body that it accepts."""

    def __init__(self, folder: Path, url: str, most: str = "25m") -> None:
        super().__init__(folder)
        self._config = folder / "nginx.conf"
        self._config.write_text(
            _CONFIG.format(folder=folder, host=HOST, port=self.port, url=url, most=most)
        )

    def command(self) -> list[str]:
        """Return the command line."""
        errors = str(self.folder / "error.log")
        return [program_of("nginx", "nginx-light"), "-c", str(self._config), "-e", errors]

    def answers(self) -> bool:
        """Return whether it has started: it has written its process id."""
        return (self.folder / "nginx.pid").exists()
