"""User activity: what somebody is doing.

XEP-0108, version 1.3, Draft; sections 2 and 3.
"""

from __future__ import annotations

from enum import Enum
from typing import Final
from xml.etree.ElementTree import Element

from ...errors import PayloadError
from ..payload import Spec, any_child, child, element_name, localized, payload

__all__ = ["NAMESPACE", "SPEC", "Activity", "Doing", "General", "Specific", "SpecificDoing"]

SPEC: Final = Spec(108, "1.3", "Draft", "User Activity")
NAMESPACE: Final = "http://jabber.org/protocol/activity"
"""The namespace, and the node."""


class General(Enum):
    """The kinds of activities (section 3)."""

    DOING_CHORES = "doing_chores"
    DRINKING = "drinking"
    EATING = "eating"
    EXERCISING = "exercising"
    GROOMING = "grooming"
    HAVING_APPOINTMENT = "having_appointment"
    INACTIVE = "inactive"
    RELAXING = "relaxing"
    TALKING = "talking"
    TRAVELING = "traveling"
    UNDEFINED = "undefined"
    WORKING = "working"


class Specific(Enum):
    """The activities; each may be of any kind (section 3)."""

    AT_THE_SPA = "at_the_spa"
    BRUSHING_TEETH = "brushing_teeth"
    BUYING_GROCERIES = "buying_groceries"
    CLEANING = "cleaning"
    CODING = "coding"
    COMMUTING = "commuting"
    COOKING = "cooking"
    CYCLING = "cycling"
    DANCING = "dancing"
    DAY_OFF = "day_off"
    DOING_MAINTENANCE = "doing_maintenance"
    DOING_THE_DISHES = "doing_the_dishes"
    DOING_THE_LAUNDRY = "doing_the_laundry"
    DRIVING = "driving"
    FISHING = "fishing"
    GAMING = "gaming"
    GARDENING = "gardening"
    GETTING_A_HAIRCUT = "getting_a_haircut"
    GOING_OUT = "going_out"
    HANGING_OUT = "hanging_out"
    HAVING_A_BEER = "having_a_beer"
    HAVING_A_SNACK = "having_a_snack"
    HAVING_BREAKFAST = "having_breakfast"
    HAVING_COFFEE = "having_coffee"
    HAVING_DINNER = "having_dinner"
    HAVING_LUNCH = "having_lunch"
    HAVING_TEA = "having_tea"
    HIDING = "hiding"
    HIKING = "hiking"
    IN_A_CAR = "in_a_car"
    IN_A_MEETING = "in_a_meeting"
    IN_REAL_LIFE = "in_real_life"
    JOGGING = "jogging"
    ON_A_BUS = "on_a_bus"
    ON_A_PLANE = "on_a_plane"
    ON_A_TRAIN = "on_a_train"
    ON_A_TRIP = "on_a_trip"
    ON_THE_PHONE = "on_the_phone"
    ON_VACATION = "on_vacation"
    ON_VIDEO_PHONE = "on_video_phone"
    OTHER = "other"
    PARTYING = "partying"
    PLAYING_SPORTS = "playing_sports"
    PRAYING = "praying"
    READING = "reading"
    REHEARSING = "rehearsing"
    RUNNING = "running"
    RUNNING_AN_ERRAND = "running_an_errand"
    SCHEDULED_HOLIDAY = "scheduled_holiday"
    SHAVING = "shaving"
    SHOPPING = "shopping"
    SKIING = "skiing"
    SLEEPING = "sleeping"
    SMOKING = "smoking"
    SOCIALIZING = "socializing"
    STUDYING = "studying"
    SUNBATHING = "sunbathing"
    SWIMMING = "swimming"
    TAKING_A_BATH = "taking_a_bath"
    TAKING_A_SHOWER = "taking_a_shower"
    THINKING = "thinking"
    WALKING = "walking"
    WALKING_THE_DOG = "walking_the_dog"
    WATCHING_A_MOVIE = "watching_a_movie"
    WATCHING_TV = "watching_tv"
    WORKING_OUT = "working_out"
    WRITING = "writing"


@payload(NAMESPACE, tuple(one.value for one in Specific))
class SpecificDoing:
    """An activity, and maybe a more special one of somebody else's (section 2.1)."""

    value: Specific = element_name()
    special: Element | None = any_child(default=None)


@payload(NAMESPACE, tuple(one.value for one in General))
class Doing:
    """A kind of activity, and which one: of those there are, or of somebody else's, not both (section 2.1)."""

    value: General = element_name()
    specific: SpecificDoing | None = child(SpecificDoing, default=None)
    special: Element | None = any_child(default=None)

    def validate(self) -> None:
        """Ask for one of the two."""
        if self.specific is not None and self.special is not None:
            raise PayloadError("*", "one specific activity (XEP-0108 section 2.1)")


@payload(NAMESPACE, "activity")
class Activity:
    """What the user does, as an event (section 2.2); an empty one ends it."""

    doing: Doing | None = child(Doing, default=None)
    texts: dict[str | None, str] = localized("text", default={})
    """More about it, for people, by language."""

    @classmethod
    def of(cls, general: General, specific: Specific | None = None, text: str | None = None) -> Activity:
        """Give an activity, with a text if there is one."""
        doing = Doing(general, None if specific is None else SpecificDoing(specific))
        return cls(doing, {} if text is None else {None: text})
