"""User mood: how somebody feels.

XEP-0107, version 1.2.2, Draft; sections 2 and 3.
"""

from __future__ import annotations

from enum import Enum
from typing import Final
from xml.etree.ElementTree import Element

from ..payload import Spec, any_child, child, element_name, localized, payload

__all__ = ["NAMESPACE", "SPEC", "Feeling", "Mood", "MoodValue"]

SPEC: Final = Spec(107, "1.2.2", "Draft", "User Mood")
NAMESPACE: Final = "http://jabber.org/protocol/mood"
"""The namespace, and the node."""


class MoodValue(Enum):
    """The moods there are (section 3, of which the schema leaves four out)."""

    AFRAID = "afraid"
    AMAZED = "amazed"
    AMOROUS = "amorous"
    ANGRY = "angry"
    ANNOYED = "annoyed"
    ANXIOUS = "anxious"
    AROUSED = "aroused"
    ASHAMED = "ashamed"
    BORED = "bored"
    BRAVE = "brave"
    CALM = "calm"
    CAUTIOUS = "cautious"
    COLD = "cold"
    CONFIDENT = "confident"
    CONFUSED = "confused"
    CONTEMPLATIVE = "contemplative"
    CONTENTED = "contented"
    CRANKY = "cranky"
    CRAZY = "crazy"
    CREATIVE = "creative"
    CURIOUS = "curious"
    DEJECTED = "dejected"
    DEPRESSED = "depressed"
    DISAPPOINTED = "disappointed"
    DISGUSTED = "disgusted"
    DISMAYED = "dismayed"
    DISTRACTED = "distracted"
    EMBARRASSED = "embarrassed"
    ENVIOUS = "envious"
    EXCITED = "excited"
    FLIRTATIOUS = "flirtatious"
    FRUSTRATED = "frustrated"
    GRATEFUL = "grateful"
    GRIEVING = "grieving"
    GRUMPY = "grumpy"
    GUILTY = "guilty"
    HAPPY = "happy"
    HOPEFUL = "hopeful"
    HOT = "hot"
    HUMBLED = "humbled"
    HUMILIATED = "humiliated"
    HUNGRY = "hungry"
    HURT = "hurt"
    IMPRESSED = "impressed"
    IN_AWE = "in_awe"
    IN_LOVE = "in_love"
    INDIGNANT = "indignant"
    INTERESTED = "interested"
    INTOXICATED = "intoxicated"
    INVINCIBLE = "invincible"
    JEALOUS = "jealous"
    LONELY = "lonely"
    LOST = "lost"
    LUCKY = "lucky"
    MEAN = "mean"
    MOODY = "moody"
    NERVOUS = "nervous"
    NEUTRAL = "neutral"
    OFFENDED = "offended"
    OUTRAGED = "outraged"
    PLAYFUL = "playful"
    PROUD = "proud"
    RELAXED = "relaxed"
    RELIEVED = "relieved"
    REMORSEFUL = "remorseful"
    RESTLESS = "restless"
    SAD = "sad"
    SARCASTIC = "sarcastic"
    SATISFIED = "satisfied"
    SERIOUS = "serious"
    SHOCKED = "shocked"
    SHY = "shy"
    SICK = "sick"
    SLEEPY = "sleepy"
    SPONTANEOUS = "spontaneous"
    STRESSED = "stressed"
    STRONG = "strong"
    SURPRISED = "surprised"
    THANKFUL = "thankful"
    THIRSTY = "thirsty"
    TIRED = "tired"
    UNDEFINED = "undefined"
    WEAK = "weak"
    WORRIED = "worried"


@payload(NAMESPACE, tuple(one.value for one in MoodValue))
class Feeling:
    """One of the moods, and maybe a more special one of somebody else's (section 2.1)."""

    value: MoodValue = element_name()
    special: Element | None = any_child(default=None)


@payload(NAMESPACE, "mood")
class Mood:
    """How the user feels, as an event (section 2.2), or what a message is written in (section 2.3).

    An empty one as an event ends it.
    """

    feeling: Feeling | None = child(Feeling, default=None)
    texts: dict[str | None, str] = localized("text", default={})
    """Why, for people, by language."""

    @classmethod
    def of(cls, value: MoodValue, text: str | None = None) -> Mood:
        """Give a mood, with a text if there is one."""
        return cls(Feeling(value), {} if text is None else {None: text})

    @property
    def value(self) -> MoodValue | None:
        """Which mood it is, None if it is over, or none of those there are."""
        return None if self.feeling is None else self.feeling.value
