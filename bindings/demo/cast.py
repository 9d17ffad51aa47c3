"""The cast of the demo: who lives where, and what they write."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    """Somebody of the story: where they live, in which colour it is told, and what they write."""

    name: str
    pronoun: str
    """In the objective case: her, him."""
    place: str
    colour: str
    observation: str
    """The first post; ``{}`` is whom it mentions."""
    correction: tuple[str, str]
    """Words of the first post, and what they become."""
    picture: tuple[str, tuple[int, int, int]]
    """The description of its picture, and the colour of the sky there (red, green, blue)."""
    answer: str
    """What they reply to the one before them."""
    slip: str
    """A second post, deleted at once."""


CAST = (
    Role(
        name="ann",
        pronoun="her",
        place="Harbour",
        colour="36",
        observation="The swallows are back over the harbour, {}! #swallows",
        correction=("swallows are", "first swallows are"),
        picture=("Evening sky over the sea, the sun low and yellow", (250, 150, 100)),
        answer="That I would like to see with my own eyes.",
        slip="Wrong bird, sorry.",
    ),
    Role(
        name="bob",
        pronoun="him",
        place="Meadow",
        colour="35",
        observation="A hare sat by the gate until the mist rose. Did you ever see one so calm, {}? #hares",
        correction=("A hare", "A young hare"),
        picture=("Mist over a meadow, the sun still pale", (150, 190, 120)),
        answer="They were here this morning too. Count them?",
        slip="No, that was a rabbit.",
    ),
    Role(
        name="cleo",
        pronoun="her",
        place="Cliff",
        colour="33",
        observation="Forty puffins on the ledge this evening. {}, bring the long lens! #puffins",
        correction=("Forty puffins", "Forty-two puffins"),
        picture=("A cliff above the sea, its edge lit by the sun", (110, 130, 190)),
        answer="We have none up here, the wind is too strong for long ears.",
        slip="Forgot the lens cap.",
    ),
    Role(
        name="dan",
        pronoun="him",
        place="Marsh",
        colour="34",
        observation="The cranes called all night. {}, did you hear them pass? #cranes",
        correction=("all night", "until four"),
        picture=("Reeds at dusk, the sun between them", (200, 120, 120)),
        answer="From here one sees them fish. What a fine place!",
        slip="Those were geese.",
    ),
)
"""In the order in which they enter."""

ROLES = {role.name: role for role in CAST}
