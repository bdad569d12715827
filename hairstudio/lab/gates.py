"""Quality gates: what makes a pair good enough, measured on the generator's raw pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from hairstudio.lab.latent import LatentSpace
from hairstudio.lab.measure import Seen, drift
from hairstudio.lab.reconstruct import Problem

LEAST_OUTSIDE = 28.0  # dB
MOST_INSIDE = 0.03  # of the range of values, after averaging
MOST_DRIFT = 0.05  # IOD
LEAST_REACHED = 0.25  # of the reference's change of the attribute
ROUNDING = 1e-3

Figures = dict[str, float]


def psnr(made: Tensor, wanted: Tensor, weight: Tensor | None = None) -> float:
    """dB between (N, 3, R, R) pictures in -1..1, as 8-bit files hold them, where ``weight``
    (N, 1, R, R) 0..1 says so; at most 99."""
    error = (_stored(made) - _stored(wanted)).square()
    count = torch.ones_like(error[:, :1]) if weight is None else weight
    mean = float((error * count).sum() / (3 * count.sum()).clamp(min=1e-6))
    return min(99.0, -10 * math.log10(max(mean, 1e-12)))


def agreement(made: Tensor, problem: Problem) -> float:
    """Mean absolute difference (0..1) to the reference in the region, after averaging."""
    gap = F.avg_pool2d(_stored(made) - _stored(problem.reference), problem.factor).abs()
    weight = F.avg_pool2d(problem.region, problem.factor)
    return float((gap * weight).sum() / (3 * weight.sum()).clamp(min=1e-6))


def of_pictures(problem: Problem, source: Tensor, target: Tensor) -> Figures:
    """``problem``: photo, reference, region; ``source``, ``target``: (1, 3, R, R), raw.

    ``unedited``: PSNR of the photo's own inversion, everywhere, and ``unedited_outside`` of it
    where the edited one is judged: ``outside``. ``apart``: PSNR of the two inversions to each
    other outside the region. ``inside``, and ``inside_before``: of the source to the reference.
    """
    around = 1 - problem.region
    return {
        "unedited": psnr(source, problem.original),
        "unedited_outside": psnr(source, problem.original, around),
        "outside": psnr(target, problem.original, around),
        "apart": psnr(target, source, around),
        "inside": agreement(target, problem),
        "inside_before": agreement(source, problem),
    }


def of_latents(space: LatentSpace, source: Tensor, target: Tensor) -> Figures:
    """Largest distances from the mean of the layers of (1, styles, d) whitened latents, and the
    distance that 99 % of samples have at most."""
    return {
        "distance_source": float(space.distance(source).max()),
        "distance": float(space.distance(target).max()),
        "reach": space.reach,
    }


def of_faces(photo: Seen, source: Seen, target: Seen) -> Figures:
    """Landmark drift of source and target from the photo and of the pair; what could not be seen
    is left out."""
    found = {
        "drift_source": drift(photo, source),
        "drift_target": drift(photo, target),
        "drift": drift(source, target),
    }
    return {name: value for name, value in found.items() if value is not None}


def reached(before: float | None, after: float | None, wanted: float | None) -> Figures:
    """``reached``: share of the reference's change of the attribute that the pair shows; nothing
    where one of them could not be measured or the reference changes nothing."""
    if before is None or after is None or wanted is None or wanted == before:
        return {}
    return {"reached": (after - before) / (wanted - before)}


def failed(figures: Mapping[str, float]) -> tuple[str, ...]:
    """The gates that a pair does not pass. ``unedited`` says that the prior cannot show this photo,
    edited or not; ``face`` that no face was found in one of the pictures; ``attribute`` that the
    target does not show what was asked for."""
    passed = {
        "unedited": figures["unedited_outside"] >= LEAST_OUTSIDE,
        "outside": figures["outside"] >= LEAST_OUTSIDE,
        "inside": figures["inside"] <= MOST_INSIDE,
        "latent": max(figures["distance"], figures["distance_source"])
        <= figures["reach"] + ROUNDING,
        "face": "drift" in figures,
        "attribute": figures.get("reached", 1.0) >= LEAST_REACHED,
        "landmarks": figures.get("drift", 0.0) <= MOST_DRIFT,
    }
    return tuple(name for name, good in passed.items() if not good)


def _stored(picture: Tensor) -> Tensor:
    """0..1, rounded to 8 bits."""
    return ((picture.detach().clamp(-1, 1) + 1) * 127.5).round() / 255
