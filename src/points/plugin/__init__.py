"""What an author of plugins imports: everything named in `__all__`, and nothing else.

A plugin is a module or object that a distribution names under the entry point
group `points.plugins`. It implements the hooks of `points.plugin.hooks`: with them
it declares what it is, once at start, as frozen values, and its functions are then
called with one context.
"""

from points.domain.refusals import Refusal
from points.plugin.channels import Cap, Channel, Flow, Window
from points.plugin.context import (
    Balance,
    Call,
    Context,
    Counters,
    Ledger,
    MemberView,
    Posted,
    Random,
    State,
)
from points.plugin.days import Days, text_of
from points.plugin.documents import (
    Collection,
    DocumentKey,
    DocumentPage,
    DocumentTooLarge,
    Owner,
)
from points.plugin.hooks import hookimpl
from points.plugin.manifest import API_VERSION, Manifest
from points.plugin.methods import Method, Mode, Reads, Service
from points.plugin.naming import NameOf
from points.plugin.reactions import (
    Award,
    Event,
    Job,
    OnFailure,
    Reaction,
    Recorded,
    Run,
    Subscriber,
    Transform,
)
from points.plugin.refusals import Answer, Reason, Refused


__all__ = [
    "API_VERSION",
    "Answer",
    "Award",
    "Balance",
    "Call",
    "Cap",
    "Channel",
    "Collection",
    "Context",
    "Counters",
    "Days",
    "DocumentKey",
    "DocumentPage",
    "DocumentTooLarge",
    "Event",
    "Flow",
    "Job",
    "Ledger",
    "Manifest",
    "MemberView",
    "Method",
    "Mode",
    "NameOf",
    "OnFailure",
    "Owner",
    "Posted",
    "Random",
    "Reaction",
    "Reads",
    "Reason",
    "Recorded",
    "Refusal",
    "Refused",
    "Run",
    "Service",
    "State",
    "Subscriber",
    "Transform",
    "Window",
    "hookimpl",
    "text_of",
]
