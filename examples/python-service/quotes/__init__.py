"""A small HTTP service: quotes, and a health response that says which release is live."""
