"""What a language needs: detection, sentences, keywords, facts, and the assistant's own words."""
