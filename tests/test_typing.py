"""The type checker takes right answers to questions and refuses wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api

HEAD = """
import xmpp_core as xmpp

def f(conn: xmpp.Connection, tls: xmpp.TlsUpgrade, bind: xmpp.BindRequested, lookup: xmpp.CredentialsLookup,
      host: xmpp.HostSelected, derive: xmpp.DeriveKey, act: xmpp.AuthorizeAs, jid: xmpp.JID,
      certificate: xmpp.CertificateLogin, nobody: xmpp.AnonymousLogin, bearer: xmpp.BearerLogin,
      tokens: xmpp.TokenLookup, own: xmpp.MechanismQuestion, issue: xmpp.TokenIssue, used: xmpp.TokenUsed,
      tasks: xmpp.TasksWanted, keys: xmpp.KeysUpgraded) -> None:
"""

RIGHT = [
    "conn.answer(tls, xmpp.TlsInfo())",
    "conn.answer(tls, xmpp.TlsFailed())",
    "conn.answer(bind, xmpp.Bound(jid))",
    "conn.answer(bind, xmpp.BindRefused('conflict'))",
    "conn.answer(lookup, xmpp.NoSuchUser())",
    "conn.answer(host, xmpp.Host(jid))",
    "conn.answer(host, xmpp.HostUnknown(moved=True))",
    "conn.answer(derive, derive.derive())",
    "conn.answer(act, True)",
    "conn.answer(certificate, xmpp.Authorized(jid))",
    "conn.answer(certificate, xmpp.Denied())",
    "conn.answer(nobody, xmpp.Authorized(jid))",
    "conn.answer(bearer, xmpp.BearerDenied())",
    "conn.answer(tokens, xmpp.StoredTokens(('a',)))",
    "conn.answer(tokens, xmpp.Unavailable())",
    "conn.answer(own, b'anything')",
    "conn.answer(issue, xmpp.TokenDenied())",
    "conn.answer(used, xmpp.TokenStays())",
    "conn.answer(tasks, xmpp.NoTasks())",
    "conn.answer(keys, True)",
]
WRONG = [
    "conn.answer(tls, xmpp.Bound(jid))",
    "conn.answer(tls, True)",
    "conn.answer(bind, jid)",
    "conn.answer(bind, None)",
    "conn.answer(lookup, 'pencil')",
    "conn.answer(lookup, xmpp.NoSuchUser)",
    "conn.answer(host, xmpp.TlsInfo())",
    "conn.answer(host, jid)",
    "conn.answer(derive, 'pencil')",
    "conn.answer(act, 'yes')",
    "conn.answer(certificate, jid)",
    "conn.answer(certificate, xmpp.BearerDenied())",
    "conn.answer(nobody, None)",
    "conn.answer(bearer, xmpp.StoredTokens())",
    "conn.answer(tokens, xmpp.StoredKeys(()))",
    "conn.answer(issue, xmpp.TokenStays())",
    "conn.answer(used, True)",
    "conn.answer(tasks, ())",
    "conn.answer(keys, xmpp.NoTasks())",
    "conn.answer(xmpp.StreamClosing(), True)",
]


@pytest.mark.feature("ENG-08")
def test_right_answers_pass_and_wrong_ones_do_not(tmp_path: Path) -> None:
    module = tmp_path / "answers.py"
    module.write_text(HEAD + "".join(f"    {line}\n" for line in (*RIGHT, *WRONG)))
    out, err, _ = api.run(["--strict", "--no-error-summary", "--hide-error-context", str(module)])
    assert not err
    lines = {int(line.split(":")[1]) for line in out.splitlines() if ": error:" in line}
    first = HEAD.count("\n") + 1
    assert lines == set(range(first + len(RIGHT), first + len(RIGHT) + len(WRONG))), out


def test_the_checker_sees_every_question() -> None:
    import xmpp_core

    public = [getattr(xmpp_core, name) for name in xmpp_core.__all__]
    questions = [one for one in public if isinstance(one, type) and issubclass(one, xmpp_core.Question)]
    for one in questions:
        assert one is xmpp_core.Question or f": xmpp.{one.__name__}" in HEAD, one.__name__
