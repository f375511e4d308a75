"""Talk: what is said to the assistant, and asked about its library, rather than of the articles."""
