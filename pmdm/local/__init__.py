"""Engines and supervisor of one machine: PostgreSQL, Valkey, web server and worker without Docker."""
