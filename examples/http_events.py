"""Ask over HTTP and print the answer as it grows: sentences, then the words that they cite.

python examples/http_events.py "Why did tensions rise?"
"""

import json
import sys
from collections.abc import Iterator

import httpx

QUESTION = "Why did tensions rise?"
ADDRESS = "http://127.0.0.1:7860"


def events(question: str, address: str) -> Iterator[tuple[str, dict]]:
    """The events of the answer, each with its name."""
    with httpx.stream(
        "POST",
        f"{address}/api/ask",
        json={"question": question},
        headers={"Accept": "text/event-stream"},
        timeout=60,
    ) as response:
        name = ""
        for line in response.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


def main(question: str = QUESTION, address: str = ADDRESS) -> None:
    for name, data in events(question, address):
        if name == "sentence":
            print(data["text"], data["citations"])
        elif name == "answer":
            for cited in data["citations"] or data["nearest"]:
                print(f"[{cited['number']}] {cited['title']}: {cited['quote']}")
        elif name == "error":
            sys.exit(data["error"]["message"])


if __name__ == "__main__":
    main(*sys.argv[1:])
