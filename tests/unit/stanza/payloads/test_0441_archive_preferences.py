"""XEP-0441: archive preferences."""

from __future__ import annotations

import pytest
from payload_shapes import both_ways, refused

from xmpp_core import JID
from xmpp_core.stanza.payloads.archive_preferences import (
    AlwaysArchived,
    ArchivePreferences,
    ArchivingDefault,
    NeverArchived,
)

ROMEO, MONTAGUE = JID("romeo@montague.lit"), JID("montague@montague.lit")


@pytest.mark.feature("X-0441")
def test_asked_and_set() -> None:
    """Section 2.1, examples 1 to 5."""
    both_ways("<prefs xmlns='urn:xmpp:mam:2'/>", ArchivePreferences())
    both_ways(
        "<prefs xmlns='urn:xmpp:mam:2' default='roster'><always/><never/></prefs>",
        ArchivePreferences.of(ArchivingDefault.ROSTER),
    )
    both_ways(
        """<prefs xmlns='urn:xmpp:mam:2' default='roster'><always><jid>romeo@montague.lit</jid></always>
        <never><jid>montague@montague.lit</jid></never></prefs>""",
        ArchivePreferences(ArchivingDefault.ROSTER, AlwaysArchived((ROMEO,)), NeverArchived((MONTAGUE,))),
    )
    refused(ArchivePreferences, "<prefs xmlns='urn:xmpp:mam:2' default='maybe'/>", "prefs/@default")
    refused(
        ArchivePreferences,
        "<prefs xmlns='urn:xmpp:mam:2'><never><jid>@</jid></never></prefs>",
        "prefs/never/jid",
    )


@pytest.mark.feature("X-0441")
@pytest.mark.parametrize(
    ("preferences", "target", "in_roster", "kept"),
    [
        (ArchivePreferences(ArchivingDefault.ALWAYS), ROMEO, False, True),
        (ArchivePreferences(ArchivingDefault.NEVER), ROMEO, True, False),
        (ArchivePreferences(ArchivingDefault.ROSTER), ROMEO, True, True),
        (ArchivePreferences(ArchivingDefault.ROSTER), ROMEO, False, False),
        # A bare address means each resource, a full one only its own (section 2.3.1).
        (ArchivePreferences.of(ArchivingDefault.NEVER, (ROMEO,)), JID(f"{ROMEO}/orchard"), False, True),
        (ArchivePreferences.of(ArchivingDefault.ALWAYS, (), (ROMEO,)), JID(f"{ROMEO}/orchard"), True, False),
        (ArchivePreferences.of(ArchivingDefault.NEVER, (JID(f"{ROMEO}/orchard"),)), ROMEO, False, False),
        (ArchivePreferences.of(ArchivingDefault.NEVER, (JID(f"{ROMEO}/orchard"),)), JID(f"{ROMEO}/x"), False, False),
        (ArchivePreferences.of(ArchivingDefault.NEVER, (JID("montague.lit"),)), ROMEO, False, False),
        (ArchivePreferences.of(ArchivingDefault.NEVER, (JID("montague.lit"),)), JID("montague.lit/a"), False, True),
        # On both lists.
        (ArchivePreferences.of(ArchivingDefault.ALWAYS, (ROMEO,), (ROMEO,)), ROMEO, True, False),
        (
            ArchivePreferences.of(ArchivingDefault.NEVER, (JID(f"{ROMEO}/orchard"),), (ROMEO,)),
            JID(f"{ROMEO}/orchard"),
            False,
            True,
        ),
        (ArchivePreferences(), ROMEO, True, False),
    ],
)
def test_what_is_kept(preferences: ArchivePreferences, target: JID, in_roster: bool, kept: bool) -> None:
    assert preferences.keeps(target, in_roster) is kept
