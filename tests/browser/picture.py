"""Takes the README's picture: a timeline of chirp with posts from another server in it.

make picture
"""

from __future__ import annotations

import functools
from pathlib import Path

from chirp import Chirp
from chromium import chromium
from fedify import Fedify
from ground import open_ground, wait_for
from test_browser import log_in

PICTURE = Path(__file__).parents[2] / "bindings/python/examples/chirp/picture.png"


def main() -> None:
    """Plays a short story and photographs its end."""
    with (
        open_ground() as ground,
        Fedify.start(ground, "fedify.test", users="greta,hugo") as fedify,
        Chirp.start(ground) as chirp,
    ):
        ada = chirp.sign_up("ada")
        form = ada.form("/settings", "/settings")
        form["display_name"] = "Ada"
        ada.send()
        for user in ("greta", "hugo"):
            ada.follow(fedify.handle(user))
            fedify.follow(user, ada.handle)
        for seen in (fedify.followers, fedify.following):
            wait_for(functools.partial(seen, "greta"), what="the follows")
            wait_for(functools.partial(seen, "hugo"), what="the follows")
        fedify.post(
            "greta",
            "<p>The swifts are back over the harbour. Three pairs so far, and very loud about it.</p>"
            '<p><a href="https://fedify.test/tags/birds" rel="tag">#birds</a></p>',
            hashtags=["birds"],
        )
        ada.wait_for_post("The swifts are back")
        own = ada.post(
            "First post from a server that never knew it would federate. Who can read this? #hello"
        )
        uri = fedify.wait_for_activity("Create")["object"]["id"]
        fedify.like("greta", uri)
        fedify.announce("hugo", uri)
        fedify.post(
            "hugo",
            f'<p><a href="{chirp.origin}/@ada" class="u-url mention">@<span>ada</span></a> '
            "I can, from the other side of the network. <strong>Welcome!</strong></p>",
            in_reply_to=uri,
            mentions=[ada.handle],
        )
        ada.wait_for_post("from the other side of the network")
        wait_for(lambda: len(ada.reactions(own)) == 2, what="the like and the boost")
        with chromium(ground, 1180, 860, scale=1.5) as window:
            log_in(window, chirp, ada)
            PICTURE.parent.mkdir(exist_ok=True)
            window.save_screenshot(str(PICTURE))
    print(f"wrote {PICTURE}")


if __name__ == "__main__":
    main()
