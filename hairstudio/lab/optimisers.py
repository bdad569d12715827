"""How a search moves. A move takes one evaluation and gives the next place to evaluate; all that
must be known for the next move is in a dictionary of tensors, so that a search can be put away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

Memory = dict[str, Tensor]

MEAN, SQUARE = 0.9, 0.999  # Adam's betas
KEPT, LEAST_KEPT = 200, 5  # pairs of steps and changes of the gradient
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
    loss down enough is taken back and shortened. Each row has its own curvature.

    The two loops of the algorithm run on products of the pairs that are kept (Chen, Wang and Zhou,
    NIPS 2014): ``bends`` are those of steps and changes of the gradient, ``sizes`` those of changes
    and changes under the metric. Pairs replace the oldest ones; ``count`` of them have been kept.
    """

    def __init__(self, metric: Callable[[Tensor], Tensor] = lambda gradient: gradient) -> None:
        """``metric``: what is known of the inverse curvature beforehand; linear, of (N, P)."""
        self._metric = metric

    def begin(self, x: Tensor) -> Memory:
        n, p = x.shape
        kept = max(LEAST_KEPT, min(KEPT, MOST_NUMBERS // (2 * x.numel())))
        zeros, small = torch.zeros_like(x), torch.zeros(n, kept, kept, dtype=torch.float64)
        return {"x": x.clone(), "gradient": zeros, "shaped": zeros, "direction": zeros,
                "loss": torch.full((n,), torch.inf), "length": torch.zeros(n),
                "steps": torch.zeros(n, kept, p), "changes": torch.zeros(n, kept, p),
                "bends": small, "sizes": small.clone(), "scale": torch.ones(n, 1),
                "count": torch.zeros((), dtype=torch.int64)}  # fmt: skip

    def move(
        self, x: Tensor, gradient: Tensor, loss: Tensor, memory: Memory, part: float
    ) -> Tensor:
        first = torch.isinf(memory["loss"])
        slope = _dot(memory["gradient"], memory["direction"])
        good = first | (loss <= memory["loss"] + ENOUGH * memory["length"] * slope)
        new = {"x": x, "gradient": gradient, "shaped": self._metric(gradient), "loss": loss}
        step, change, shaped = (new[name] - memory[name] for name in ("x", "gradient", "shaped"))
        _remember(step, change, shaped, good & ~first, memory)
        for name, value in new.items():
            memory[name] = _chosen(good, value, memory[name])
        start = FIRST / memory["shaped"].norm(dim=1).clamp(min=1e-9)
        longest = torch.ones_like(start) if memory["count"] else start
        memory["length"] = _chosen(good, longest, memory["length"] * SHORTER)
        memory["direction"] = _chosen(good, _direction(memory), memory["direction"])
        return memory["x"] + memory["length"][:, None] * memory["direction"]


def _remember(step: Tensor, change: Tensor, shaped: Tensor, good: Tensor, memory: Memory) -> None:
    """``shaped``: the change under the metric. A pair of zeros counts for nothing: a row whose step
    was refused, or that would make the curvature negative."""
    bend, size = _dot(step, change), _dot(change, shaped)
    use = good & (bend > 1e-9 * size)
    if not use.any():
        return
    at = int(memory["count"]) % memory["steps"].shape[1]
    memory["steps"][:, at], memory["changes"][:, at] = step * use[:, None], shaped * use[:, None]
    for name, kept in (("bends", "steps"), ("sizes", "changes")):
        memory[name][:, :, at] = _products(memory[kept], change * use[:, None])
    memory["sizes"][:, at] = memory["sizes"][:, :, at]
    memory["scale"] = _chosen(use, _ratio(bend, size)[:, None], memory["scale"])
    memory["count"] = memory["count"] + 1


def _direction(memory: Memory) -> Tensor:
    """Minus the gradient under the inverse curvature."""
    order = _by_age(memory)
    bends, sizes = (memory[name][:, order[:, None], order] for name in ("bends", "sizes"))
    bend = bends.diagonal(dim1=1, dim2=2)
    bends = bends.triu() + torch.diag_embed((bend == 0).double())
    kept = {name: memory[name][:, : len(order)] for name in ("steps", "changes")}
    steps, changes = (_products(each, memory["gradient"])[:, order, None] for each in kept.values())
    scale = memory["scale"][..., None].double()
    first = torch.linalg.solve_triangular(bends, steps, upper=True)
    rest = bend[..., None] * first - scale * (changes - sizes @ first)
    second = torch.linalg.solve_triangular(bends.mT, rest, upper=False)
    shaped = memory["shaped"] - _combined(kept["changes"], first, order)
    return -(memory["scale"] * shaped + _combined(kept["steps"], second, order))


def _by_age(memory: Memory) -> Tensor:
    """Where the pairs are, the oldest first."""
    kept, count = memory["steps"].shape[1], int(memory["count"])
    return torch.arange(count) if count < kept else (torch.arange(kept) + count) % kept


def _products(kept: Tensor, with_: Tensor) -> Tensor:
    """(N, kept, P), (N, P) -> (N, kept)."""
    return torch.stack([rows @ vector for rows, vector in zip(kept, with_, strict=True)]).double()


def _combined(kept: Tensor, shares: Tensor, order: Tensor) -> Tensor:
    """(N, P): the sum of what is kept, each as much as its share (N, kept, 1) in that order."""
    placed = torch.zeros(kept.shape[:2]).index_copy(1, order, shares[..., 0].float())
    return torch.stack([share @ rows for rows, share in zip(kept, placed, strict=True)])


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return torch.bmm(a[:, None], b[..., None]).flatten()


def _ratio(a: Tensor, b: Tensor) -> Tensor:
    """0 where ``b`` is."""
    return torch.where(b > 0, a / b.clamp(min=1e-30), torch.zeros_like(a))


def _chosen(rows: Tensor, new: Tensor, old: Tensor) -> Tensor:
    return torch.where(rows if new.dim() == 1 else rows[:, None], new, old)
