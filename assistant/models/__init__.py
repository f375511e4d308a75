"""The data passed between stages: articles, answers, conversations, records. All frozen."""
