"""What flows between the rooms: articles, answers, conversations, records. All frozen."""
