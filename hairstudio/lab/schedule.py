"""Schedules of the search: which losses it minimises, and how.

Three published ones and ours, which combines them: the StyleGAN projector (Karras et al., CVPR
2020), PULSE (Menon et al., CVPR 2020) and Mask-Guided Discovery (Yang et al., 2021).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hairstudio.lab.messages import MIDDLE_SHARE

GUIDED = range(2, 9)  # W+ layers that Mask-Guided Discovery moves


@dataclass(frozen=True)
class Weights:
    """Of the losses; 0 leaves one out."""

    outside: float = 0.0
    inside: float = 0.0
    perceptual: float = 0.0  # outside the region, at full resolution
    resemblance: float = 0.0  # perceptual, to the reference inside the region
    likeness: float = 0.0  # to the original around the reference, everywhere
    prior: float = 0.0  # Mahalanobis distance beyond that of samples
    cross: float = 0.0
    noise: float = 0.0
    repulsion: float = 0.0  # between the solutions of one batch, inside the region


@dataclass(frozen=True)
class Schedule:
    """``rate``: Adam's, unless ``quick``: quasi-Newton; ``shared``: one vector for all styles (W);
    ``on_sphere``: latents keep radius sqrt(d); ``bounded``: they stay as near to the mean as 99 %
    of samples; ``paired``: the target of a pair is held to the picture of its source more than to
    the photo, and its noise in the region stays what was drawn; ``moving``: styles that may change,
    None = all; ``jitter``: noise on the latent at the start; ``open_noise``: the noise planes are
    searched too; ``rough``: the first part of the steps, which may be computed in the processor's
    fastest number format; ``glancing``: the first part in which features may be; ``eager``: the
    first part, in which resemblance counts ``EAGER`` times: what is new is found before all else
    settles; ``encoded``: begins at the latent that a trained encoder finds, where there is one."""

    name: str
    weights: Weights
    steps: int = 400
    rate: float = 0.05
    quick: bool = False
    shared: bool = False
    on_sphere: bool = False
    bounded: bool = False
    paired: bool = False
    moving: range | None = None
    jitter: float = 0.0
    open_noise: bool = False
    rough: float = 0.0
    glancing: float = 0.0
    eager: float = 0.0
    encoded: bool = False


PROJECTOR = Schedule("projector", Weights(likeness=1, noise=1e3), rate=0.1, shared=True,
                     jitter=0.05, open_noise=True)  # fmt: skip
PULSE = Schedule("pulse", Weights(inside=100, outside=100, cross=0.05), rate=0.2, on_sphere=True)
GUIDED_DISCOVERY = Schedule("mask-guided", Weights(inside=10, outside=10, perceptual=1,
                                                   repulsion=10), moving=GUIDED)  # fmt: skip
COMBINED = Schedule("combined", Weights(outside=5000, inside=350, perceptual=2, resemblance=1,
                                        noise=1),
                    quick=True, bounded=True, paired=True, open_noise=True,
                    rough=0.15, glancing=0.6, eager=1 / 3, encoded=True)  # fmt: skip
SCHEDULES = {s.name: s for s in (PROJECTOR, PULSE, GUIDED_DISCOVERY, COMBINED)}


def scheduled(name: str, steps: int | None) -> Schedule:
    found = SCHEDULES[name]
    return found if steps is None else replace(found, steps=steps)


def inversion(schedule: Schedule) -> Schedule:
    """How the source is found. A schedule that moves some layers only begins with a photo that is
    inverted already."""
    found = schedule if schedule.moving is None else replace(COMBINED, steps=schedule.steps)
    return replace(found, eager=0.0)


def edited(schedule: Schedule) -> Schedule:
    """How the target is found: it begins near its end, where rounded numbers mislead."""
    return replace(schedule, rough=0.0)


def halfway(schedule: Schedule) -> Schedule:
    """How the middle is found: it is nearly there, and its reference is no picture of one thing."""
    weights = replace(schedule.weights, resemblance=0.0)
    steps = max(1, round(MIDDLE_SHARE * schedule.steps))
    return replace(edited(schedule), weights=weights, steps=steps, eager=0.0)
