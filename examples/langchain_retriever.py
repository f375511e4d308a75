"""The assistant's search as a LangChain retriever, in a chain that ends in a prompt.

Pipe the prompt into a chat model to have it answer, for example
``chain | init_chat_model("openai:gpt-5-mini")``.

    python examples/langchain_retriever.py "Why did tensions rise?" corpus data
"""

import sys

from langchain_core.documents import Document
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough

from assistant import Assistant, Settings

QUESTION = "Why did tensions rise?"
PROMPT = ChatPromptTemplate.from_messages(
    [
        ("system", "Answer from these passages only:\n\n{passages}"),
        ("human", "{question}"),
    ]
)


def as_text(documents: list[Document]) -> str:
    """The passages, each with its source."""
    return "\n\n".join(f"({one.metadata['source']}) {one.page_content}" for one in documents)


def main(question: str = QUESTION, corpus: str = "corpus", data: str = "data") -> None:
    assistant = Assistant(Settings(corpus=corpus, data=data))
    assistant.sync()
    retriever = assistant.as_retriever(top=3)
    chain = {"passages": retriever | as_text, "question": RunnablePassthrough()} | PROMPT
    print(chain.invoke(question).to_string())
    assistant.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
