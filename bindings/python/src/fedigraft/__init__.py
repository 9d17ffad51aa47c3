"""fedigraft grafts federation (ActivityPub) onto the server you already have.

``Federation`` is the friendly face: it joins your users, posts and database to the fediverse. Below it lie
the parts it is made of, each useful alone: ``Key`` and ``sign`` to sign a request, ``verify`` and ``explain``
to judge one, ``Instance`` to render and to open exchanges, ``Driver`` to play them, ``Network`` to fetch.
"""

from ._lib import version as library_version
from ._version import __version__
from .database import schema
from .errors import (
    Busy,
    Crypto,
    Error,
    Failed,
    FetchFailed,
    Internal,
    InvalidArgument,
    LibraryError,
    Malformed,
    OutOfStep,
    Refused,
    TooLarge,
    TooNew,
    Unsupported,
)
from .events import (
    DeliveryFailed,
    Event,
    FollowAccepted,
    Followed,
    FollowRejected,
    FollowRequested,
    Liked,
    PostCreated,
    PostDeleted,
    PostUpdated,
    ProfileDeleted,
    ProfileUpdated,
    Shared,
    Unfollowed,
    UnknownEvent,
    Unliked,
    Unshared,
)
from .federation import Federation, Found
from .fetch import Network
from .instance import Instance, Route
from .keys import Key, PublicKey
from .model import (
    Content,
    Emoji,
    Field,
    Image,
    InteractionPolicy,
    InteractionRule,
    Link,
    Media,
    Mention,
    Poll,
    PollOption,
    Post,
    Posts,
    Profile,
)
from .reading import html_to_text, read_activity, read_post, read_profile, sanitise
from .request import Request
from .signing import Claim, claim, explain, sign, verify
from .steps import Fetch, Fetched
from .verdict import Evidence, Rule, Verdict
from .worker import Worker

__all__ = [
    "Busy",
    "Claim",
    "Content",
    "Crypto",
    "DeliveryFailed",
    "Emoji",
    "Error",
    "Event",
    "Evidence",
    "Failed",
    "Federation",
    "Fetch",
    "FetchFailed",
    "Fetched",
    "Field",
    "FollowAccepted",
    "FollowRejected",
    "FollowRequested",
    "Followed",
    "Found",
    "Image",
    "Instance",
    "InteractionPolicy",
    "InteractionRule",
    "Internal",
    "InvalidArgument",
    "Key",
    "LibraryError",
    "Liked",
    "Link",
    "Malformed",
    "Media",
    "Mention",
    "Network",
    "OutOfStep",
    "Poll",
    "PollOption",
    "Post",
    "PostCreated",
    "PostDeleted",
    "PostUpdated",
    "Posts",
    "Profile",
    "ProfileDeleted",
    "ProfileUpdated",
    "PublicKey",
    "Refused",
    "Request",
    "Route",
    "Rule",
    "Shared",
    "TooLarge",
    "TooNew",
    "Unfollowed",
    "UnknownEvent",
    "Unliked",
    "Unshared",
    "Unsupported",
    "Verdict",
    "Worker",
    "__version__",
    "claim",
    "explain",
    "html_to_text",
    "library_version",
    "read_activity",
    "read_post",
    "read_profile",
    "sanitise",
    "schema",
    "sign",
    "verify",
]
