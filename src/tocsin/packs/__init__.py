"""Data only: dated rule packs with their sources."""
