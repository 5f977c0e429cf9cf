"""What a frame of graphql-transport-ws has to be; anything else closes the socket with a reason."""

from collections.abc import Mapping
from typing import Any, Final, NoReturn

from web.graphql.door import read_json
from web.graphql.refusals import RequestRefused

MESSAGE_BYTES_MAX: Final = 65_536
ID_LENGTH_MAX: Final = 255


class Close(Exception):
    """The socket has to be closed, and why."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def read_message(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a frame's message; raises Close for anything that is none."""
    text = event.get("text")
    if text is None:
        _malformed("messages are text")
    if len(text) > MESSAGE_BYTES_MAX:
        _malformed("a message has at most 64 KiB")
    try:
        message = read_json(text, what="the message")
    except RequestRefused as error:
        _malformed(error.message)
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        _malformed("a message is an object with a type")
    return message


def id_of(message: Mapping[str, Any]) -> str:
    """Return the id of the operation a message is about; raises Close."""
    id_ = message.get("id")
    if not isinstance(id_, str) or not 0 < len(id_) <= ID_LENGTH_MAX:
        _malformed(f"the id is a string of 1 to {ID_LENGTH_MAX} characters")
    return id_


def payload_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a ping or pong carries, as a member or none; raises Close."""
    payload = message.get("payload")
    if payload is not None and not isinstance(payload, dict):
        _malformed("the payload is an object or absent")
    return {} if payload is None else {"payload": payload}


def _malformed(reason: str) -> NoReturn:
    raise Close(4400, reason)
