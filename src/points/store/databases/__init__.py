"""What SQLite and PostgreSQL do differently, and nothing else."""
