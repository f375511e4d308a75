"""Numbers of things in the program's own, English messages."""


def counted(number: int, noun: str) -> str:
    """``number`` things: "1 article", "2 articles"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
