"""What stands between the exchange and success: tasks, and keys of another hash (XEP-0388 section 2.6.3, XEP-0480)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from xml.etree.ElementTree import Element

import pytest
from sasl2_stages import (
    JULIET,
    NS,
    VIOLATION,
    client_config,
    client_heard,
    elements_sent,
    failed,
    features,
    over_tls,
    plain,
    server_answers,
    server_config,
    server_said,
)

import xmpp_core as xmpp
from xmpp_core.features.sasl2_context import Sasl2Context
from xmpp_core.features.sasl2_tasks import NoTasks, TasksDue, TasksWanted
from xmpp_core.features.sasl2_upgrade import KeysUpgraded
from xmpp_core.sasl.derivation import derivations_made
from xmpp_core.stream.context import Milestone
from xmpp_core.stream.events import Event, Question
from xmpp_core.stream.step import Ask, Continue, Done, Refused, Step
from xmpp_core.testing.pair import Pair


@dataclass(frozen=True, slots=True)
class TaskDone(Event):
    """The server proved itself at the end of a task."""

    what: str


TASK = "urn:example:second-factor"


@dataclass(frozen=True, slots=True, eq=False)
class Code(Question[str]):
    """What does the user's other device show?"""

    answers: ClassVar[tuple[type, ...]] = (str,)


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """A made-up task: the server names a number, the client's user gives the one after it, both prove themselves."""

    number: int = 41

    name: ClassVar[str] = "SECOND-FACTOR"

    def begin(self, context: Sasl2Context) -> Step:
        return Continue(send=(Element(f"{{{TASK}}}parameters"),))

    def told(self, state: Any, payload: tuple[Element, ...], context: Sasl2Context) -> Step:
        return Ask(Code(), state=payload[0].text)

    def over(self, state: Any, payload: tuple[Element, ...], context: Sasl2Context) -> Step:
        if not payload or payload[0].text != "proof":
            return Refused("not-authorized", "the server did not prove itself")
        return Done(events=(TaskDone("second factor"),))

    def begun(self, payload: tuple[Element, ...], context: Sasl2Context) -> Step:
        assert [one.tag for one in payload] == [f"{{{TASK}}}parameters"]
        assert context.peer == JULIET
        assert Milestone.AUTHENTICATED not in context.milestones
        question = Element(f"{{{TASK}}}question")
        question.text = str(self.number)
        return Continue(self.number, send=(question,))

    def received(self, state: Any, payload: tuple[Element, ...], context: Sasl2Context) -> Step:
        if payload[0].text != str(state + 1):
            return Refused("not-authorized", "another number")
        proof = Element(f"{{{TASK}}}result")
        proof.text = "proof"
        return Done(send=(proof,))

    def answered(self, state: Any, question: Question[Any], value: Any, context: Sasl2Context) -> Step:
        answer = Element(f"{{{TASK}}}answer")
        answer.text = value
        return Continue(state, send=(answer,))

    def resumed(self, state: Any, context: Sasl2Context) -> Step:
        return Ask(Code(), state=state) if isinstance(state, str) else Continue(state)


def due(question: TasksWanted) -> TasksDue | NoTasks:
    return NoTasks() if SecondFactor.name in question.done else TasksDue((SecondFactor.name,), "A code is needed")


def with_task(code: str = "42", client: Any = (SecondFactor(),), judge: Callable[[Any], Any] = due) -> Pair:
    answers = {**server_answers(), TasksWanted: judge}
    both = over_tls(
        client_config(tasks=client),
        server_config(tasks=(SecondFactor(),), ask_for_tasks=True),
        answers=answers,
        initiating_answers={Code: lambda _: code},
    )
    both.pump()
    return both


@pytest.mark.feature("SA2-02")
def test_a_task_stands_between_the_password_and_the_session() -> None:
    both = with_task()
    assert both.initiating.connection.can_send
    assert both.initiating.of(TaskDone) == [TaskDone("second factor")]
    sent = elements_sent(both.receiving.sent)
    # The server's proof of the mechanism goes with <continue/>, what the task proves with <success/> (section 2.6).
    assert sent.count("<additional-data>") == 1
    assert f"<tasks><task>{SecondFactor.name}</task></tasks><text>A code is needed</text></continue>" in sent
    assert f"<success {NS}><result xmlns='{TASK}'>proof</result><authorization-identifier>" in sent
    assert f"<next {NS} task='{SecondFactor.name}'><parameters xmlns='{TASK}'/></next>" in elements_sent(
        both.initiating.sent
    )
    # Nothing inline before the last task was done (XEP-0386 section 3.2).
    kinds = [type(event) for event in both.receiving.events if isinstance(event, xmpp.Question)]
    assert kinds == [xmpp.CredentialsLookup, TasksWanted, TasksWanted, xmpp.BindRequested]


@pytest.mark.feature("SA2-02")
def test_a_task_that_fails_fails_the_login() -> None:
    both = with_task(code="43")
    assert b"<bound" not in both.receiving.sent
    (end,) = both.initiating.of(xmpp.StreamFailed)
    assert end.cause is xmpp.Cause.AUTHENTICATION_FAILED
    both = with_task(client=())
    assert f"<abort {NS}/>".encode() in both.initiating.sent
    (end,) = both.initiating.of(xmpp.StreamFailed)
    assert "a task done that we do not know" in end.detail
    assert both.receiving.of(xmpp.BindRequested) == []


@pytest.mark.feature("SA2-02", "ENG-12")
def test_only_a_task_that_is_there_can_be_due() -> None:
    for names in ((), ("",), ("A" * 21,)):
        with pytest.raises(xmpp.LocalProtocolError):
            TasksDue(names)
    question = TasksWanted(JULIET, "PLAIN", None, (), ("A",))
    assert question.fault_of(TasksDue(("B",))) is not None
    assert question.fault_of(TasksDue(("A",))) is None
    assert question.fault_of(NoTasks()) is None


TASKED: dict[str, Any] = {"tasks": (SecondFactor(),), "ask_for_tasks": True}


@pytest.mark.feature("SA2-02")
@pytest.mark.parametrize(
    ("element", "said"),
    [
        (f"<next {NS} task='OTHER'/>", failed("malformed-request")),
        (f"<next {NS}/>", failed("malformed-request")),
        (f"<abort {NS}/>", failed("aborted")),
        (f"<task-data {NS}/>", VIOLATION),
        (plain(), VIOLATION),
        (f"<response {NS}>YQ==</response>", VIOLATION),
    ],
)
def test_after_continue_only_what_was_offered_may_come(element: str, said: str) -> None:
    """Sections 2.6.3 and 4.8: a further authentication is a stream error."""
    answers = {**server_answers(), TasksWanted: due}
    _, heard = server_said(plain(), element, answers=answers, **TASKED)
    assert heard == [
        f"<continue {NS}><tasks><task>{SecondFactor.name}</task></tasks><text>A code is needed</text></continue>",
        said,
    ]


@pytest.mark.feature("SA2-02", "ENG-07")
def test_tasks_survive_snapshots() -> None:
    server = server_config(**TASKED)
    client = client_config(tasks=(SecondFactor(),))
    for kind in (TasksWanted, Code):
        both = with_task(judge=due)
        answers = {**server_answers(), TasksWanted: due}
        (answers if kind is TasksWanted else {}).pop(kind, None)
        given = {} if kind is Code else {Code: lambda _: "42"}
        both = over_tls(client, server, answers=answers, initiating_answers=given)
        both.pump()
        ends = [xmpp.Connection.restore(client, both.initiating.connection.snapshot())]
        ends.append(xmpp.Connection.restore(server, both.receiving.connection.snapshot()))
        later: dict[type, Any] = {**server_answers(), TasksWanted: due, Code: lambda _: "42"}
        for _ in range(20):
            for here, there in (ends, ends[::-1]):
                for event in here.events():
                    if isinstance(event, xmpp.Question):
                        here.answer(event, later[type(event)](event))
                octets = here.data_to_send(0.0)
                if octets and not there.closed:
                    there.receive_data(octets, 0.0)
        assert all(one.can_send for one in ends)


@pytest.mark.feature("SA2-02")
@pytest.mark.parametrize("asked", [False, True])
def test_keys_of_another_hash_are_made_on_the_way_in(asked: bool) -> None:
    kept: list[KeysUpgraded] = []

    def keep(question: KeysUpgraded) -> bool:
        kept.append(question)
        return True

    both = over_tls(
        client_config(upgrade_hashes=("SHA-512",), ask_for_derivations=asked),
        server_config(upgrade_hashes=("SHA-512",)),
        answers={**server_answers(), KeysUpgraded: keep},
        initiating_answers={xmpp.DeriveKey: lambda question: question.derive()},
    )
    both.pump()
    assert both.initiating.connection.can_send
    (question,) = kept
    assert question.account == JULIET
    expected = xmpp.StoredKeys.derive(
        "pencil", ("SHA-512",), iterations=question.verifier.iterations, salt=question.verifier.salt
    )
    assert expected.of("SHA-512") == question.verifier
    assert b"<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-512</upgrade>" in both.receiving.sent
    assert b"<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-512</upgrade>" in both.initiating.sent


@pytest.mark.feature("SA2-02")
@pytest.mark.parametrize("hash", ["", "YQ==", "!", base64.b64encode(b"x" * 63).decode()])
def test_keys_that_are_none_are_refused(hash: str) -> None:
    wanted = "<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-512</upgrade>"
    begun = f"<next {NS} task='UPGR-SCRAM-SHA-512'/>"
    data = f"<task-data {NS}><hash xmlns='urn:xmpp:scram-upgrade:0'>{hash}</hash></task-data>"
    _, said = server_said(plain(wanted), begun, data, upgrade_hashes=("SHA-512",))
    assert "<salt xmlns='urn:xmpp:scram-upgrade:0' iterations='10000'>" in said[1]
    assert said[2] == failed("malformed-request")


@pytest.mark.feature("SA2-02", "SASL-05")
@pytest.mark.parametrize("iterations", ["4095", "1000001", "", "-1", "x", "4096x", "99999999999999999999"])
def test_a_derivation_is_no_weapon_here_either(iterations: str) -> None:
    upgrade = "<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-512</upgrade>"
    offer = features("PLAIN").replace(b"</authentication>", upgrade.encode() + b"</authentication>")
    task = f"<continue {NS}><tasks><task>UPGR-SCRAM-SHA-512</task></tasks></continue>"
    salt = f"<task-data {NS}><salt xmlns='urn:xmpp:scram-upgrade:0' iterations='{iterations}'>YWJj</salt></task-data>"
    made = derivations_made()
    _, _, said = client_heard(task, salt, offer=offer, upgrade_hashes=("SHA-512",))
    assert said == f"<next {NS} task='UPGR-SCRAM-SHA-512'/><abort {NS}/>"
    assert derivations_made() == made


@pytest.mark.feature("ENG-12", "SA2-02")
def test_keys_are_made_of_a_password() -> None:
    with pytest.raises(xmpp.LocalProtocolError):
        client_config(credentials=xmpp.Keys(), upgrade_hashes=("SHA-512",)).setup()
