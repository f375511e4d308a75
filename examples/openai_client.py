"""Ask in a conversation with OpenAI's client: the assistant is the model.

python examples/openai_client.py "Why did tensions rise?"
"""

import sys

from openai import OpenAI

QUESTION = "Why did tensions rise?"
ADDRESS = "http://127.0.0.1:7860"


def main(question: str = QUESTION, address: str = ADDRESS) -> None:
    client = OpenAI(base_url=f"{address}/v1", api_key="none")
    messages = []
    for asked in (question, "And when?"):
        messages.append({"role": "user", "content": asked})
        completion = client.chat.completions.create(model="article-assistant", messages=messages)
        message = completion.choices[0].message
        messages.append({"role": "assistant", "content": message.content})
        print(f"{asked}\n{message.content}\n")
        for annotation in message.annotations or []:
            print(annotation.url_citation.title, annotation.url_citation.url)


if __name__ == "__main__":
    main(*sys.argv[1:])
