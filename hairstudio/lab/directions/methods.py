"""Three published ways to find a direction for an attribute.

GANSpace (Haerkoenen et al., NeurIPS 2020): principal components of W, or of a layer's activations
carried back to W; the one that goes most with the attribute is taken. InterFaceGAN (Shen et al.,
CVPR 2020): the normal of a linear boundary between samples with and without it. StyleSpace (Wu et
al., CVPR 2021): the channel that changes the attribute and depends least on the others.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from hairstudio.errors import UserError
from hairstudio.lab.directions.direction import Direction
from hairstudio.lab.directions.labelled import Samples
from hairstudio.nets.stylegan2 import Generator

PCA_SAMPLES, COMPONENTS, SEED = 2000, 20, 3
ACTIVATIONS_AT = 8  # pixels: the layer whose activations are analysed
EXTREMES = 0.35  # of the samples count as with, and as many as without the attribute
DECAY = 1e-2
CANDIDATES = 12  # channels of StyleSpace that are looked at closely
FEWEST = 16  # samples that show the attribute


def find(method: str, generator: Generator, samples: Samples, attribute: str) -> Direction:
    """Raises UserError where too few samples show the attribute."""
    _, values = samples.known(attribute)
    if len(values) < FEWEST or float(values.std()) == 0:
        raise UserError(f"{attribute}: only {len(values)} samples show it: more --samples")
    return METHODS[method](generator, samples, attribute)


def ganspace(generator: Generator, samples: Samples, attribute: str) -> Direction:
    """The principal component of W that goes most with the attribute."""
    axes = principal(_many(generator))
    return _most_telling("ganspace", axes, samples, attribute)


def ganspace_activations(generator: Generator, samples: Samples, attribute: str) -> Direction:
    """The same for components of activations, carried to W by least squares."""
    w = _many(generator)[: PCA_SAMPLES // 4]
    features = activations(generator, w)
    axes = principal(features)
    coordinates = (features - features.mean(0)) @ axes.T
    in_w = torch.linalg.lstsq(coordinates, w - w.mean(0)).solution
    return _most_telling("ganspace-activations", F.normalize(in_w, dim=1), samples, attribute)


def interfacegan(_generator: Generator, samples: Samples, attribute: str) -> Direction:
    """The normal of the boundary between the samples with most and least of the attribute."""
    w, values = samples.known(attribute)
    count = max(2, round(EXTREMES * len(values)))
    order = values.argsort()
    chosen = torch.cat([order[:count], order[-count:]])
    labels = torch.cat([torch.zeros(count), torch.ones(count)])
    normal = boundary(w[chosen], labels)
    return _scaled("interfacegan", normal, w)


def stylespace(generator: Generator, samples: Samples, attribute: str) -> Direction:
    """Among the channels that go most with the attribute, the one that goes least with others."""
    w, values = samples.known(attribute)
    styles = _styles(generator, w)
    flat = torch.cat(styles, 1)
    telling = _correlation(flat, values)
    others = [name for name in samples.strengths if name != attribute]
    best = telling.abs().topk(min(CANDIDATES, flat.shape[1])).indices
    score = torch.stack([telling[i].abs() - _dependency(samples, flat[:, i], others, attribute)
                         for i in best])  # fmt: skip
    index = int(best[score.argmax()])
    step = flat[:, index].std() * telling[index].sign()
    return Direction("stylespace", step[None], _place(index, [s.shape[1] for s in styles]))


METHODS: dict[str, Callable[[Generator, Samples, str], Direction]] = {
    "ganspace": ganspace,
    "ganspace-activations": ganspace_activations,
    "interfacegan": interfacegan,
    "stylespace": stylespace,
}


def principal(rows: Tensor, count: int = COMPONENTS) -> Tensor:
    """(count, d) unit axes of largest variance of (N, d) ``rows``."""
    centred = rows - rows.mean(0)
    return torch.linalg.svd(centred, full_matrices=False).Vh[:count]


def boundary(rows: Tensor, labels: Tensor) -> Tensor:
    """(d,) unit normal, towards label 1, of the boundary of a logistic regression with weight
    decay. ``labels``: (N,) 0 or 1."""
    spread = rows.std(0).clamp(min=1e-6)
    scaled = (rows - rows.mean(0)) / spread
    weights = torch.zeros(rows.shape[1] + 1, requires_grad=True)
    search = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        search.zero_grad()
        value = F.binary_cross_entropy_with_logits(scaled @ weights[1:] + weights[0], labels)
        value = value + DECAY * weights[1:].square().sum()
        value.backward()
        return value

    search.step(loss)  # pyright: ignore[reportArgumentType]
    return F.normalize(weights.detach()[1:] / spread, dim=0)


@torch.no_grad()
def activations(generator: Generator, w: Tensor, pixels: int = ACTIVATIONS_AT) -> Tensor:
    """(N, c h w) features after the layers of ``pixels``."""
    found = list[Tensor]()

    def keep(resolution: int, features: Tensor) -> Tensor:
        if resolution == pixels:
            found.append(features.flatten(1).clone())
        return features

    for part in w.split(50):
        ws = part[:, None].expand(-1, generator.config.styles, -1)
        generator.synthesis(ws, fuse=keep)
    return torch.cat(found)


@torch.no_grad()
def _many(generator: Generator) -> Tensor:
    chance = torch.Generator().manual_seed(SEED)
    return generator.mapping(torch.randn(PCA_SAMPLES, generator.config.latent, generator=chance))


@torch.no_grad()
def _styles(generator: Generator, w: Tensor) -> list[Tensor]:
    return generator.synthesis.styles(w[:, None].expand(-1, generator.config.styles, -1))


def _most_telling(method: str, axes: Tensor, samples: Samples, attribute: str) -> Direction:
    w, values = samples.known(attribute)
    telling = _correlation(w @ axes.T, values)
    best = int(telling.abs().argmax())
    return _scaled(method, axes[best] * telling[best].sign(), w)


def _scaled(method: str, axis: Tensor, w: Tensor) -> Direction:
    return Direction(method, axis * (w @ axis).std())


def _correlation(columns: Tensor, values: Tensor) -> Tensor:
    """(d,) Pearson's, of each column of (N, d) with (N,)."""
    centred, wanted = columns - columns.mean(0), values - values.mean()
    norms = (centred.norm(dim=0) * wanted.norm()).clamp(min=1e-9)
    return (centred * wanted[:, None]).sum(0) / norms


def _dependency(samples: Samples, column: Tensor, others: list[str], attribute: str) -> Tensor:
    """Attribute dependency: mean |correlation| of a channel with the other attributes."""
    seen = samples.strengths[attribute].isfinite()
    found = list[Tensor]()
    for name in others:
        values = samples.strengths[name][seen]
        there = values.isfinite()
        if int(there.sum()) >= FEWEST:
            found.append(_correlation(column[there, None], values[there]).abs()[0])
    return torch.stack(found).mean() if found else torch.zeros(())


def _place(index: int, widths: list[int]) -> tuple[int, int]:
    """Layer and channel of an index into all styles side by side."""
    layer = 0
    while index >= widths[layer]:
        index -= widths[layer]
        layer += 1
    return layer, index
