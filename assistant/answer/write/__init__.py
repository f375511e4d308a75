"""Has a chat model write the answer, checked sentence by sentence."""
