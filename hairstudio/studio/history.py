"""The one history of a document: named steps, undo and redo, a budget of memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hairstudio.studio.state import State

BUDGET = 256 << 20
MOST = 500


@dataclass(frozen=True, eq=False)
class Step:
    """What the document was after the step. ``cost``: bytes that it keeps alive; ``gesture``:
    changes of one drag share it and are one step."""

    name: str
    state: State
    cost: int = 0
    gesture: str = ""


@dataclass(eq=False)
class History:
    """At least one step: the document as it was opened."""

    steps: list[Step]
    budget: int = BUDGET
    at: int = 0
    _open: bool = False
    _saved: State | None = field(default=None)

    @classmethod
    def of(cls, name: str, state: State, saved: bool = True) -> History:
        return cls([Step(name, state)], _saved=state if saved else None)

    @property
    def state(self) -> State:
        return self.steps[self.at].state

    @property
    def edited(self) -> bool:
        """Something happened since the last ``saved``."""
        return self._saved is not self.state

    @property
    def undo_name(self) -> str:
        """The step that ``undo`` takes back; "" when there is none."""
        return self.steps[self.at].name if self.at else ""

    @property
    def redo_name(self) -> str:
        return self.steps[self.at + 1].name if self.at + 1 < len(self.steps) else ""

    def push(self, name: str, state: State, gesture: str = "", cost: int = 0) -> None:
        """Add a step, or go on with the last one while its gesture lasts."""
        del self.steps[self.at + 1 :]
        step = Step(name, state, cost, gesture)
        if gesture and self._open and self.steps[self.at].gesture == gesture:
            self.steps[self.at] = step
        else:
            self.steps.append(step)
            self.at += 1
        self._open = bool(gesture)
        self._forget()

    def seal(self) -> None:
        """The drag is over: the next change is a step of its own."""
        self._open = False

    def amend(self, state: State) -> None:
        """The present state differs in what is no step (the selection)."""
        saved = not self.edited
        self.steps[self.at] = replace(self.steps[self.at], state=state)
        if saved:
            self._saved = state

    def go(self, index: int) -> None:
        self.at = min(max(index, 0), len(self.steps) - 1)
        self.seal()

    def saved(self, state: State) -> None:
        """``state`` is in a file now."""
        self._saved = state

    def _forget(self) -> None:
        """Drop the oldest steps when they are too many or too large."""
        while self.at > 1 and (
            len(self.steps) > MOST or sum(step.cost for step in self.steps) > self.budget
        ):
            del self.steps[0]
            self.at -= 1
