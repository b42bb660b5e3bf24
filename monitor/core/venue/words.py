"""The words of the venue file that several of its types share: slugs, phases, criticalities."""

from typing import Annotated, Literal

from msgspec import Meta

SLUG = r"^[a-z0-9][a-z0-9-]{0,62}$"
Slug = Annotated[str, Meta(pattern=SLUG, description="lower-case letters, digits and hyphens")]
"""A name that is valid in a topic, a file name and a label: lower-case letters, digits and hyphens."""

Phase = Literal["prepare", "live", "teardown"]
Criticality = Literal["impairment", "critical", "noncritical", "observation"]
"""The severity of a failed checklist item: the three classes of NFPA 25, and ``observation``."""
