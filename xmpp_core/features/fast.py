"""FAST, both sides: tokens handed out inside SASL2 and logged in with in one round trip (XEP-0484).

The token is proved by a mechanism of the HT family; how that goes is `xmpp_core.sasl.ht`. Here is what
travels around it: `<fast/>`, `<request-token/>`, `<token/>`, and what a server asks its host.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final
from xml.etree.ElementTree import Element, SubElement

from ..entropy import token as fresh_token
from ..errors import LocalProtocolError
from ..jid import JID
from ..namespaces import FAST
from ..sasl import binding
from ..sasl.conditions import SaslCondition
from ..sasl.credentials import Token
from ..sasl.ht import BINDINGS, split_name
from ..stream.context import Milestone, StreamContext
from ..stream.events import Event, NegotiationFailed, Question
from ..stream.proofs import LEFT_OUT
from ..stream.step import Ask, Done, Refused, Step
from .exchange import MOST_NAMES, sasl_context
from .sasl2_context import Sasl2Context

__all__ = [
    "FAST_ELEMENT",
    "Fast",
    "FastTokens",
    "TokenDenied",
    "TokenIssue",
    "TokenKept",
    "TokenProof",
    "TokenReceived",
    "TokenRejected",
    "TokenStays",
    "TokenUsed",
    "announced_names",
]

FAST_ELEMENT: Final = f"{{{FAST}}}fast"
_MECHANISM: Final = f"{{{FAST}}}mechanism"
_REQUEST: Final = f"{{{FAST}}}request-token"
_TOKEN: Final = f"{{{FAST}}}token"
_OCTETS: Final = 32
_MOST_CHARACTERS: Final = 4096
_TRUE: Final = frozenset({"1", "true"})
# The schema says xs:int; nothing below 1 is a count (XEP-0484 section 3.4).
# Leading zeros are legal, and bounded: `int` refuses digits without end.
_COUNT: Final = re.compile(r"0{0,9}[1-9][0-9]{0,9}")
_MOST_COUNT: Final = 2**31 - 1
_DATE_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")


@dataclass(frozen=True, slots=True)
class Fast:
    """What a client does with tokens.

    With `token` it logs in by that; the password, if there is one, is the way back when the server no
    longer takes it. Logged in by anything else it asks for a token if `request`: `TokenReceived` brings
    it, also when the server hands out a new one. `count` is how often this token was used before: add
    one for each try, begin with 1 for a new token. `invalidate` makes this the token's last login.
    """

    token: Token | None = None
    count: int | None = None
    invalidate: bool = False
    request: bool = True

    def __post_init__(self) -> None:
        if self.token is not None and split_name(self.token.mechanism) is None:
            raise LocalProtocolError("a token for FAST names the HT mechanism it was issued for")
        if self.count is not None and not 1 <= self.count <= _MOST_COUNT:
            raise LocalProtocolError("the count of a token's uses is a positive integer (XEP-0484 section 3.4)")
        if self.token is None and (self.count is not None or self.invalidate):
            raise LocalProtocolError("without a token there is nothing to count or to invalidate")


@dataclass(frozen=True, slots=True)
class TokenReceived(Event):
    """The server issued a token: keep it as you would keep a password, in place of the one before.

    `Fast(token=Token(event.token, event.mechanism), count=1)` logs in with it the next time. `expiry` is
    its last moment (XEP-0082), as the server wrote it. `token` is None only in an event that went
    through a snapshot.
    """

    token: str | None = field(repr=False, metadata={"secret": True})
    mechanism: str
    expiry: str


@dataclass(frozen=True, slots=True)
class TokenRejected(Event):
    """The server did not take the token: throw it away (XEP-0484 section 4.1). A password is tried next."""

    mechanism: str
    condition: str


@dataclass(frozen=True, slots=True)
class TokenKept:
    """The host keeps the token of the question until `expiry`, a DateTime of XEP-0082 in UTC."""

    expiry: str

    def __post_init__(self) -> None:
        if not _DATE_TIME.fullmatch(self.expiry):
            raise LocalProtocolError("an expiry is a DateTime of XEP-0082: 2027-03-12T14:36:15Z")


@dataclass(frozen=True, slots=True)
class TokenStays:
    """The token that was used is noted down, and none replaces it."""


@dataclass(frozen=True, slots=True)
class TokenDenied:
    """No token is issued, or the one that was used is not taken: `condition` is what the client is told then."""

    condition: SaslCondition = SaslCondition.CREDENTIALS_EXPIRED


@dataclass(frozen=True, slots=True, eq=False)
class TokenIssue(Question[TokenKept | TokenDenied]):
    """A client that logged in wants a token for `mechanism`: keep `token` for it, or deny it (XEP-0484 section 3.3).

    Kept in the slot `new` of (account, client), together with the mechanism (section 5.1); what was
    there and never used is overwritten.
    """

    account: JID
    client: str
    """The `id` of its user agent."""
    mechanism: str
    token: str = field(repr=False)
    """A new one, 256 bits of entropy."""
    answers: ClassVar[tuple[type, ...]] = (TokenKept, TokenDenied)


@dataclass(frozen=True, slots=True)
class TokenProof:
    """How a token was used."""

    token: str | None = field(repr=False, metadata={"secret": True})
    """The one that was proved, of those `TokenLookup` was answered with."""
    mechanism: str
    client: str
    count: int | None
    invalidate: bool


@dataclass(frozen=True, slots=True, eq=False)
class TokenUsed(Question[TokenKept | TokenStays | TokenDenied]):
    """A client proved a token. Note it down before it is let in (XEP-0484 sections 3.4 to 3.6 and 5.1).

    `TokenDenied` where `count` is given and not above the highest seen with this token: that is a replay.
    If the token was in the slot `new`, it moves to `current`; tokens of the same client that expire
    earlier are forgotten. With `invalidate` this one is forgotten too. Answer `TokenKept` if the token
    is due for rotation, keeping `fresh` in the slot `new`; not when `invalidate` or `requested`.
    """

    account: JID
    proof: TokenProof
    fresh: str = field(repr=False)
    requested: bool = False
    """Whether the client asks for a new token anyway: `TokenIssue` follows."""
    answers: ClassVar[tuple[type, ...]] = (TokenKept, TokenStays, TokenDenied)

    def fault_of(self, value: TokenKept | TokenStays | TokenDenied) -> str | None:
        """A token on its way out is not replaced unasked (XEP-0484 section 3.6)."""
        if isinstance(value, TokenKept) and (self.proof.invalidate or self.requested):
            return "no token replaces this one: it was invalidated, or a new one is asked for"
        return None


def announced_names(announced: Element | None) -> tuple[str, ...]:
    """Read the mechanisms in `<fast/>`."""
    found = announced.iterfind(_MECHANISM) if announced is not None else ()
    return tuple((one.text or "").strip() for one in found)[:MOST_NAMES]


def new_token(context: StreamContext) -> str:
    """Draw a token: far above the 128 bits that HT asks for."""
    return fresh_token(context.entropy, _OCTETS)


def token_element(token: str, expiry: str) -> Element:
    """Write `<token/>` (section 3.3)."""
    return Element(_TOKEN, {"expiry": expiry, "token": token})


def use_of(element: Element) -> tuple[int | None, bool] | None:
    """Read `count` and `invalidate` of a client's `<fast/>`; None for what is no count."""
    text = element.get("count")
    if text is not None and (not _COUNT.fullmatch(text) or int(text) > _MOST_COUNT):
        return None
    return None if text is None else int(text), element.get("invalidate") in _TRUE


def is_request(element: Element) -> bool:
    """Whether this is `<request-token/>`."""
    return element.tag == _REQUEST


@dataclass(frozen=True, slots=True)
class FastTokens:
    """The inline feature. A client gives `fast`; a server the `mechanisms` that tokens are issued for."""

    fast: Fast | None = None
    mechanisms: tuple[str, ...] = ()

    namespace: ClassVar[str] = FAST
    requires: ClassVar[Milestone] = Milestone.AUTHENTICATED
    forbids: ClassVar[Milestone] = Milestone.NONE

    # Initiating entity.

    def request(self, announced: Element, context: StreamContext) -> Element | None:
        """Say that this is a login by token, or ask for one (sections 3.2 and 3.4)."""
        assert self.fast is not None
        assert isinstance(context, Sasl2Context)
        if split_name(context.mechanism) is not None:
            element = Element(FAST_ELEMENT)
            if self.fast.count is not None:
                element.set("count", str(self.fast.count))
            if self.fast.invalidate:
                element.set("invalidate", "true")
            return element
        agent = context.user_agent
        wanted = self._wanted(announced_names(announced), context)
        if not self.fast.request or wanted is None or agent is None or agent.id is None:
            return None
        return Element(_REQUEST, {"mechanism": wanted})

    def _wanted(self, names: tuple[str, ...], context: StreamContext) -> str | None:
        """Choose what to ask a token for: the strongest binding this connection has (section 6), then the hash."""
        usable = binding.usable(sasl_context(context, names, None))
        types = [type for type in BINDINGS.values() if type is None or type in usable]
        ranked = []
        for name in names:
            parts = split_name(name)
            if parts is not None and BINDINGS[parts[1]] in types:
                ranked.append((types.index(BINDINGS[parts[1]]), names.index(name), name))
        return min(ranked)[2] if ranked else None

    def response(self, element: Element, context: StreamContext) -> Step:
        """Take `<token/>`: for the mechanism we asked for, or the one we logged in by (section 3.5)."""
        assert isinstance(context, Sasl2Context)
        token, expiry = element.get("token", ""), element.get("expiry", "")
        if element.tag != _TOKEN or not 0 < len(token) <= _MOST_CHARACTERS or len(expiry) > _MOST_CHARACTERS:
            return Done()
        asked = next((one.get("mechanism", "") for one in context.requests if is_request(one)), context.mechanism)
        lost = LEFT_OUT in token
        return Done(events=(TokenReceived(None if lost else token, asked, expiry),))

    # Receiving entity.

    def advertise(self, context: StreamContext) -> tuple[Element, ...]:
        """Announce the mechanisms that can be used on this connection (section 3.1); none: nothing."""
        names = self.offered(context)
        if not names:
            return ()
        fast = Element(FAST_ELEMENT)
        for name in names:
            SubElement(fast, _MECHANISM).text = name
        return (fast,)

    def offered(self, context: StreamContext) -> tuple[str, ...]:
        """Give the mechanisms whose binding this connection has data for."""
        usable = binding.usable(sasl_context(context, (), None))
        found = []
        for name in self.mechanisms:
            parts = split_name(name)
            if parts is not None and (BINDINGS[parts[1]] is None or BINDINGS[parts[1]] in usable):
                found.append(name)
        return tuple(found)

    def receive(self, state: Any, element: Element, context: StreamContext) -> Step:
        """Ask the host to issue a token, which is never refused aloud: without one the client goes on as it is."""
        assert isinstance(context, Sasl2Context)
        mechanism = element.get("mechanism", "")
        agent, account = context.user_agent, context.peer
        assert account is not None
        if not is_request(element):
            return Done()
        if mechanism not in self.offered(context) or agent is None or agent.id is None:
            return self._denied("malformed-request")
        question = TokenIssue(account.bare, agent.id.lower(), mechanism, new_token(context))
        return Ask(question, state=None)

    def answered(self, state: Any, question: Question[Any], value: Any, context: StreamContext) -> Step:
        """Hand the token out (section 3.3)."""
        assert isinstance(question, TokenIssue)
        if isinstance(value, TokenDenied):
            return self._denied(value.condition.value)
        assert isinstance(value, TokenKept)
        return Done(send=(token_element(question.token, value.expiry),))

    def _denied(self, condition: str) -> Step:
        event = NegotiationFailed(_REQUEST, condition)
        return Refused(condition, "no token was issued", events=(event,), again=True)
