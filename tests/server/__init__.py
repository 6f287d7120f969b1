"""The server through real channels, in this process and on both databases."""
