"""How a search moves. A move takes one evaluation and gives the next place to evaluate; all that
must be known for the next move is in a dictionary of tensors, so that a search can be put away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

Memory = dict[str, Tensor]

MEAN, SQUARE = 0.9, 0.999  # Adam's betas
KEPT, LEAST_KEPT = 60, 5  # pairs of steps and changes of the gradient
MOST_NUMBERS = 1 << 26  # in them: fewer pairs where a search has many parameters
ENOUGH = 1e-4  # of the promised decrease: less, and the step was too long
SHORTER = 0.4
FIRST = 1.0  # length of the first step


class Optimiser(Protocol):
    """``x``, ``gradient``: (N, P), one search in each row; ``loss``: (N,)."""

    def begin(self, x: Tensor) -> Memory:
        """Before the first evaluation, which is that of ``x``."""
        ...

    def move(
        self, x: Tensor, gradient: Tensor, loss: Tensor, memory: Memory, part: float
    ) -> Tensor:
        """The next (N, P); ``part``: of the steps that are done, 0..1. Changes ``memory``."""
        ...


class Adam:
    """``rate`` is ramped up over the first ``warm`` and down over the last ``cool`` part of the
    steps (Karras et al., CVPR 2020, appendix D)."""

    def __init__(self, rate: float, warm: float = 0.05, cool: float = 0.25) -> None:
        self.rate, self.warm, self.cool = rate, warm, cool

    def begin(self, x: Tensor) -> Memory:
        return {"mean": torch.zeros_like(x), "square": torch.zeros_like(x),
                "count": torch.zeros(())}  # fmt: skip

    def move(
        self, x: Tensor, gradient: Tensor, loss: Tensor, memory: Memory, part: float
    ) -> Tensor:
        memory["mean"].lerp_(gradient, 1 - MEAN)
        memory["square"].lerp_(gradient.square(), 1 - SQUARE)
        memory["count"] += 1
        count = float(memory["count"])
        mean, square = memory["mean"] / (1 - MEAN**count), memory["square"] / (1 - SQUARE**count)
        return x - self._rate(part) * mean / (square.sqrt() + 1e-8)

    def _rate(self, part: float) -> float:
        return self.rate * min(1.0, part / self.warm) * min(1.0, (1 - part) / self.cool + 0.02)


class LBFGS:
    """Quasi-Newton steps (Nocedal and Wright, 2006, algorithm 7.4); a step that does not bring the
    loss down enough is taken back and shortened. Each row has its own curvature; ``bends``: each
    step times its change of the gradient."""

    def __init__(self, metric: Callable[[Tensor], Tensor] = lambda gradient: gradient) -> None:
        """``metric``: what is known of the inverse curvature beforehand, applied to (N, P)."""
        self._metric = metric

    def begin(self, x: Tensor) -> Memory:
        n, p = x.shape
        return {"x": x.clone(), "gradient": torch.zeros_like(x), "direction": torch.zeros_like(x),
                "loss": torch.full((n,), torch.inf), "length": torch.zeros(n),
                "steps": torch.zeros(0, n, p), "changes": torch.zeros(0, n, p),
                "bends": torch.zeros(0, n), "scale": torch.ones(n)}  # fmt: skip

    def move(
        self, x: Tensor, gradient: Tensor, loss: Tensor, memory: Memory, part: float
    ) -> Tensor:
        first = torch.isinf(memory["loss"])
        slope = _dot(memory["gradient"], memory["direction"])
        good = first | (loss <= memory["loss"] + ENOUGH * memory["length"] * slope)
        self._remember(x - memory["x"], gradient - memory["gradient"], good & ~first, memory)
        for name, new in (("x", x), ("gradient", gradient), ("loss", loss)):
            memory[name] = _chosen(good, new, memory[name])
        start = FIRST / self._metric(gradient).norm(dim=1).clamp(min=1e-9)
        longest = torch.ones_like(start) if len(memory["steps"]) else start
        memory["length"] = _chosen(good, longest, memory["length"] * SHORTER)
        memory["direction"] = _chosen(good, self._direction(memory), memory["direction"])
        return memory["x"] + memory["length"][:, None] * memory["direction"]

    def _remember(self, step: Tensor, change: Tensor, good: Tensor, memory: Memory) -> None:
        """A pair of zeros counts for nothing: a row whose step was refused, or that would make the
        curvature negative."""
        kept = max(LEAST_KEPT, min(KEPT, MOST_NUMBERS // (2 * step.numel())))
        bend, size = _dot(step, change), _dot(change, self._metric(change))
        use = good & (bend > 1e-9 * size)
        if use.any():
            for name, new in (("steps", step), ("changes", change)):
                memory[name] = torch.cat([memory[name], (new * use[:, None])[None]])[-kept:]
            memory["bends"] = torch.cat([memory["bends"], (bend * use)[None]])[-kept:]
            memory["scale"] = _chosen(use, _ratio(bend, size), memory["scale"])

    def _direction(self, memory: Memory) -> Tensor:
        q, shares = memory["gradient"].clone(), list[Tensor]()
        pairs = list(zip(memory["steps"], memory["changes"], memory["bends"], strict=True))
        for step, change, bend in reversed(pairs):
            share = _ratio(_dot(step, q), bend)
            shares.append(share)
            q.addcmul_(share[:, None], change, value=-1)
        q = self._metric(q) * memory["scale"][:, None]
        for (step, change, bend), share in zip(pairs, reversed(shares), strict=True):
            q.addcmul_((share - _ratio(_dot(change, q), bend))[:, None], step)
        return -q


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return torch.bmm(a[:, None], b[..., None]).flatten()


def _ratio(a: Tensor, b: Tensor) -> Tensor:
    """0 where ``b`` is."""
    return torch.where(b > 0, a / b.clamp(min=1e-30), torch.zeros_like(a))


def _chosen(rows: Tensor, new: Tensor, old: Tensor) -> Tensor:
    return torch.where(rows if new.dim() == 1 else rows[:, None], new, old)
