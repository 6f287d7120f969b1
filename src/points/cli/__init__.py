"""The command line, and the place where everything is put together."""

import os


# Before gRPC is imported: what it has to say, we say in our own words.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
