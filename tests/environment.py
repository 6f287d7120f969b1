"""What has to be set before gRPC is imported anywhere.

gRPC's own handlers of fork run in every child that tests start, between fork and
exec, and now and then end it. Nothing here uses gRPC in a forked child.
"""

from __future__ import annotations

import os


os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
