"""Fréchet distance between two sets of features, each taken for a Gaussian (Heusel et al.,
NeurIPS 2017; Dowson and Landau, 1982)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Gaussian:
    """``mean``: (d,); ``covariance``: (d, d)."""

    mean: Array
    covariance: Array


def fit(batches: Iterable[NDArray[np.floating]]) -> Gaussian:
    """The Gaussian of (n, d) batches of features. Raises ValueError for fewer than two rows."""
    count, total, square = 0, np.float64(0), np.float64(0)
    for batch in batches:
        rows = batch.astype(np.float64)
        count, total, square = count + len(rows), total + rows.sum(0), square + rows.T @ rows
    if count < 2:
        raise ValueError("a Gaussian needs two samples or more")
    mean = np.asarray(total) / count
    covariance = (np.asarray(square) - count * np.outer(mean, mean)) / (count - 1)
    return Gaussian(mean, covariance)


def distance(a: Gaussian, b: Gaussian) -> float:
    """|mean a - mean b|^2 + tr(A + B - 2 (A B)^1/2); 0 for equal sets."""
    root = _root(a.covariance)
    # tr (A B)^1/2 = tr (A^1/2 B A^1/2)^1/2, whose argument is symmetric
    shared = np.sqrt(np.clip(np.linalg.eigvalsh(root @ b.covariance @ root), 0, None)).sum()
    spread = np.trace(a.covariance) + np.trace(b.covariance) - 2 * shared
    return float(np.square(a.mean - b.mean).sum() + spread)


def _root(covariance: Array) -> Array:
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
