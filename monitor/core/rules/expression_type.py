"""The types of an expression's constants, and their nouns in messages."""

_NOUNS = {"number": "a number", "yes/no": "yes/no", "time": "a time", "list": "a list"}


def noun(type_name: str) -> str:
    """Return a type as a noun, for messages."""
    return _NOUNS.get(type_name, type_name)


def type_of(value: object) -> str:
    """Return the type of a constant as rules name it."""
    match value:
        case bool():
            return "yes/no"
        case int() | float():
            return "number"
        case str():
            return "text"
        case None:
            return "nothing"
        case _:
            return type(value).__name__
