"""The entry of a roster for a person with a phone."""

from tests.support.servers import HOST


def person_with_phone(person: str, port: int) -> str:
    """Return the entry of a person whom a push server reaches: the id is also the topic at the server."""
    return f"""
[[person]]
id = "{person}"
name = "{person.title()}"
languages = ["en"]
channel = [{{ name = "phone", url = "ntfy://{HOST}:{port}/{person}" }}]
"""
