"""Ask through the Model Context Protocol, as an agent does.

python examples/mcp_client.py "Why did tensions rise?"
"""

import asyncio
import sys

from mcp import Client

QUESTION = "Why did tensions rise?"
ADDRESS = "http://127.0.0.1:7860"


async def main(question: str = QUESTION, address: str = ADDRESS) -> None:
    async with Client(f"{address}/mcp") as client:
        tools = await client.list_tools()
        print("tools:", ", ".join(sorted(tool.name for tool in tools.tools)))
        result = await client.call_tool("ask", {"question": question})
        print(result.structured_content["answer"])
        for cited in result.structured_content["citations"]:
            print(f"[{cited['number']}] {cited['title']}: {cited['quote']}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
