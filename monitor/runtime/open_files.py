"""Raises the limit of open files of this process."""

import resource


def raise_soft_limit() -> None:
    """Raise the soft limit of open files to the hard limit: the soft one is often 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
