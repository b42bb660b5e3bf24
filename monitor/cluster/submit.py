"""Starts the job in Flink, from nothing or from a savepoint."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from monitor.cluster.settings import JobSettings, Topics
from monitor.config import Config
from monitor.config.cluster import ClusterTable
from monitor.errors import ClusterUnavailable

JOB = Path(__file__).with_name("flink_job.py")


def job_settings(config: Config, table: ClusterTable) -> JobSettings:
    """Return what the job has to know of a configuration."""
    return JobSettings(
        brokers=table.brokers,
        topics=Topics(table.prefix),
        lateness=config.time.lateness,
        tolerance=config.time.tolerance,
    )


def submit(config: Config, table: ClusterTable, savepoint: str = "") -> str:
    """Start the job with the Flink client of this environment; return what Flink says.

    Args:
        config: of any site; the times in it hold for all.
        table: its ``[cluster]``.
        savepoint: where to continue; empty: from the beginning of the log.

    Raises:
        ClusterUnavailable: Flink refuses, or does not answer.

    """
    import pyflink  # noqa: PLC0415 - takes a second

    home = Path(pyflink.__file__).parent
    address = urlsplit(table.flink)
    command = [
        str(home / "bin" / "flink"),
        "run",
        "--detached",
        *(["--fromSavepoint", savepoint] if savepoint else []),
        "--parallelism",
        str(table.workers),
        "--jobmanager",
        f"{address.hostname}:{address.port}",
        "--python",
        str(JOB),
        msgspec.json.encode(job_settings(config, table)).decode(),
    ]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(  # noqa: S603 - our own command
        command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ClusterUnavailable(f"Flink {table.flink}: {done.stderr or done.stdout}")
    return done.stdout.strip()
