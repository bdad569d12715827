"""The generator beside NVIDIA's. Each network runs in a process of its own: what ours does for its
memory would make theirs faster too.

``python -m hairstudio.evaluation.net_peer WHO SIZE DTYPE PASS REPEATS [FOLDER]`` prints ms.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from hairstudio import settings
from hairstudio.errors import UserError
from hairstudio.evaluation import checkout
from hairstudio.evaluation.benchmark import Figure

if TYPE_CHECKING:
    from torch import Tensor

LATENT, MOST, WIDTH = 512, 512, 32768
"""Of config F: the latent's size, the most channels, channels times resolution."""
PASSES = {"forward": (256, 1024), "forward, backward": (256,)}
"""Sizes of a picture alone, and of one with the gradient of a perceptual loss."""

MOST_TIME = {
    ("float32", 256): 0.75, ("float32", 1024): 0.6, ("bfloat16", 256): 1 / 3,
    ("bfloat16", 1024): 0.25,
}  # fmt: skip
"""What is asked of a picture alone, as a share of NVIDIA's time;"""
MOST_GRADIENT = 0.4
"""and of one with its gradient."""

Call = Callable[[], object]
Made = Callable[..., "tuple[Tensor, Tensor]"]
"""Picture and W+; True: W+ asks for its gradient."""


def compared(folder: Path, dtypes: Sequence[str], repeats: int) -> Iterator[Figure]:
    """Ms of theirs in fp32, and ours over theirs in each of ``dtypes``.

    ``folder``: a checkout of NVlabs/stylegan3 or stylegan2-ada-pytorch. Raises UserError where it
    is none.
    """
    for what, sizes in PASSES.items():
        for size in sizes:
            theirs = _measured("theirs", size, "float32", what, repeats, folder)
            yield Figure(f"NVIDIA's generator {size}: {what}", theirs)
            for dtype in dtypes:
                ours = _measured("ours", size, dtype, what, repeats, folder)
                name = f"{dtype}: generator {size}: {what}, over NVIDIA's"
                limit = MOST_TIME.get((dtype, size)) if what == "forward" else MOST_GRADIENT
                yield Figure(name, ours / theirs, "x", limit)


def _measured(who: str, size: int, dtype: str, what: str, repeats: int, folder: Path) -> float:
    call = [sys.executable, "-m", __name__, who, str(size), dtype, what, str(repeats), str(folder)]
    plain = {} if who == "ours" else {"THP_MEM_ALLOC_ENABLE": "0"}  # PyTorch's own default
    done = subprocess.run(call, capture_output=True, text=True, env=os.environ | plain)
    if done.returncode:
        raise UserError((done.stderr.strip() or f"{folder}: failed").splitlines()[-1])
    return float(done.stdout.split()[-1])


def main(who: str, size: str, dtype: str, what: str, repeats: str, folder: str) -> None:
    """Print the median time of one network, ms."""
    import torch

    torch.set_num_threads(settings.threads())
    made = _ours(int(size), dtype) if who == "ours" else _theirs(int(size), Path(folder))
    call: Call = made if what == "forward" else _with_gradient(made)
    sys.stdout.write(f"{_median_ms(call, int(repeats))}\n")


def _with_gradient(made: Made) -> Call:
    """A picture, the loss of its perceptual features, and the gradient of W+."""
    import torch

    from hairstudio.nets import perceptual
    from hairstudio.weights import perceptual as weights

    features = perceptual.load(weights.path())

    def both() -> None:
        picture, ws = made(True)
        loss = torch.stack([each.square().mean() for each in features(picture.float())]).sum()
        torch.autograd.grad(loss, ws)

    return both


def _median_ms(call: Call, repeats: int) -> float:
    call()
    times = list[float]()
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * median(times)


def _ours(size: int, dtype: str) -> Made:
    import torch

    from hairstudio.evaluation.net_benchmark import generator

    net = generator(size)
    shape = 1, net.config.styles, net.config.latent
    return _maker(shape, lambda ws: net.synthesis(ws, dtype=getattr(torch, dtype)))


def _theirs(size: int, folder: Path) -> Made:
    made = checkout.networks(folder).SynthesisNetwork
    net = made(w_dim=LATENT, img_resolution=size, img_channels=3, channel_base=WIDTH,
               channel_max=MOST, num_fp16_res=0).eval().requires_grad_(False)  # fmt: skip
    return _maker((1, net.num_ws, LATENT), lambda ws: net(ws, noise_mode="const"))


def _maker(shape: tuple[int, int, int], draw: Callable[[Tensor], Tensor]) -> Made:
    """Draws a picture of random W+; without a gradient, unless it is asked for."""
    import torch

    drawn = torch.randn(shape)

    def made(gradient: bool = False) -> tuple[Tensor, Tensor]:
        ws = drawn.clone().requires_grad_(gradient)
        with torch.inference_mode(not gradient):
            return draw(ws), ws

    return made


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except UserError as error:
        sys.exit(str(error))
