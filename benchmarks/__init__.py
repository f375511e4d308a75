"""What the assistant costs and gives, measured beside what a user would otherwise build."""
