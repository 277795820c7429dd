"""Keeping the database current: discover, tail, ingest, read git."""
