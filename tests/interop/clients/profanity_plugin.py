"""What Profanity itself runs: on login send a message, on the reply write a line of JSON and quit.

Names and arguments are Profanity's. What to do is in the environment: PEER_TO, PEER_BODY, PEER_OUT.
"""

import json
import os

import prof

_jid = ""


def prof_on_connect(account_name: str, fulljid: str) -> None:
    global _jid
    _jid = fulljid
    prof.send_line(f"/msg {os.environ['PEER_TO']} {os.environ['PEER_BODY']}")


def prof_post_chat_message_display(barejid: str, resource: str, message: str) -> None:
    with open(os.environ["PEER_OUT"], "w", encoding="utf-8") as out:
        json.dump({"jid": _jid, "from": f"{barejid}/{resource}", "body": message}, out)
    prof.send_line("/quit")
