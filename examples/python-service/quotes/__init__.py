"""A small HTTP service: quotes, and a health answer that says which release answers."""
