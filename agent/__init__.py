"""A question becomes an answer, governed and recorded."""
