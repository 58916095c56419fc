"""Runs steps one after the other and notes what each came to: what the SDK returned, or what it raised."""

from typing import Any, Callable

import openai
from pydantic import BaseModel


def shown(value: Any) -> Any:
    """As JSON, with nothing left out that the SDK knows of the answer."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, (list, tuple)):
        return [shown(item) for item in value]
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    return value


def shown_error(error: Exception) -> dict[str, Any]:
    known = {"class": type(error).__name__, "message": str(error)}
    if isinstance(error, openai.APIStatusError):
        known |= {"status": error.status_code, "type": error.type, "code": error.code, "param": error.param}
    return known


class Steps:
    def __init__(self) -> None:
        self.done: list[dict[str, Any]] = []

    def need(self, step: str, act: Callable[[], Any]) -> Any:
        """A step that must succeed, since later ones need its result."""
        result = act()
        self.done.append({"step": step, "answer": shown(result)})
        return result

    def see(self, step: str, act: Callable[[], Any]) -> None:
        """A step that is over with its answer, or with its error."""
        try:
            self.need(step, act)
        except Exception as error:  # whatever the SDK raises is what is looked at
            self.done.append({"step": step, "error": shown_error(error)})
