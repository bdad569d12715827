"""The pretrained StyleGAN2 generator, how a user's own becomes it, and the statistics of its
latents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from hairstudio import settings
from hairstudio.errors import UserError
from hairstudio.files import atomic_write
from hairstudio.nets.stylegan2 import Generator, GeneratorConfig
from hairstudio.weights import convert, priors, store
from hairstudio.weights.convert import HEADER, Description

SAMPLES, SEED = 10_000, 0
STATISTICS_VERSION = 1


def describe(path: Path) -> Description:
    """The header of a prior. Raises UserError for a file that is none."""
    try:
        with safe_open(path, "pt") as file:
            header = json.loads(file.metadata()[HEADER])
        return msgspec.convert(header, Description)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path}: not a prior of HairStudio ({error})") from error


def load(path: Path) -> Generator:
    """The generator in fp32, frozen, in evaluation mode.

    A file without a mean latent gets the measured one. Raises UserError for a file that is no
    prior or whose tensors do not fit its header.
    """
    generator = _network(describe(path))
    tensors = {name: tensor.float() for name, tensor in load_file(path).items()}
    _require_fit(path, generator, tensors)
    measured = "w_mean" not in tensors
    tensors.setdefault("w_mean", generator.w_mean)
    generator.load_state_dict(tensors)
    if measured:
        generator.w_mean.copy_(statistics(generator, path).w_mean)
    return generator.eval().requires_grad_(False)


def import_file(file: Path) -> Description:
    """Convert another project's StyleGAN2 into the store, in place of an earlier one.

    Raises UserError naming the file, and the tensor that is missing, misshapen or not finite; the
    earlier one stays then.
    """
    found = convert.read(file)
    with torch.device("meta"):
        network = _network(found.description)
    _require_fit(file, network, found.tensors)
    convert.write(found, store.ensure_folder() / priors.FILE)
    return found.description


def _network(known: Description) -> Generator:
    return Generator(
        GeneratorConfig(
            known.channels, known.latent, known.mapping_layers, known.mapping_rate, known.clamp
        )
    )


def _require_fit(path: Path, generator: Generator, tensors: Mapping[str, Tensor]) -> None:
    """Raise UserError unless these are a generator's tensors; it may lack a mean latent."""
    shapes = {name: tensor.shape for name, tensor in generator.state_dict().items()}
    for name in [*shapes, *(tensors.keys() - shapes)]:
        fault = _fault(tensors.get(name), shapes.get(name))
        if fault and (name != "w_mean" or name in tensors):
            raise UserError(f"{path}: not a whole StyleGAN2: tensor {name} {fault}")


def _fault(tensor: Tensor | None, shape: torch.Size | None) -> str | None:
    if tensor is None:
        return "is missing"
    if shape is None:
        return "has no place"
    if tensor.shape != shape:
        return f"is {(*tensor.shape,)}, not {(*shape,)}"
    return None if tensor.isfinite().all() else "has values that are not finite"


@dataclass(frozen=True, eq=False)
class Statistics:
    """Of ``SAMPLES`` seeded latents. ``w_mean``: (latent,); ``p_mean``: (latent,) and
    ``p_covariance``: (latent, latent), in P space: W before its last leaky ReLU (Zhu et al., 2020).
    """

    w_mean: Tensor
    p_mean: Tensor
    p_covariance: Tensor


def to_p(w: Tensor) -> Tensor:
    """W -> P: the mapping network's last leaky ReLU undone (its gain of sqrt 2 stays in)."""
    return F.leaky_relu(w, 5.0)


@torch.inference_mode()
def measure(generator: Generator) -> Statistics:
    """The statistics of a generator's latents; the same at every call."""
    chance = torch.Generator().manual_seed(SEED)
    z = torch.randn(SAMPLES, generator.config.latent, generator=chance)
    w = torch.cat([generator.mapping(part) for part in z.split(1000)])
    p = to_p(w)
    return Statistics(w.mean(0), p.mean(0), torch.cov(p.T))


def statistics(generator: Generator, path: Path) -> Statistics:
    """As ``measure``, remembered in the cache folder under the hash of the file ``path``."""
    with path.open("rb") as file:
        key = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    cached = settings.cache_folder() / f"latents-{key}-{STATISTICS_VERSION}.safetensors"
    try:
        return Statistics(**load_file(cached))
    except (OSError, SafetensorError, TypeError):
        found = measure(generator)
    with atomic_write(cached, overwrite=True) as part:
        save_file({name: t.contiguous() for name, t in vars(found).items()}, part)
    return found
