"""``bench nets``: how fast the generator and the fused editor run, and how near to the processor's
plain convolutions that is. Weights are random: they make no difference to the time."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from hairstudio.errors import UserError
from hairstudio.evaluation import net_peer
from hairstudio.evaluation.benchmark import Figure, Report, load, machine
from hairstudio.nets.fused_editor import SMALL, FusedEditor, Request
from hairstudio.nets.precision import fast_dtype
from hairstudio.nets.stylegan2 import Generator, GeneratorConfig

SIZES = (256, 1024)
EDITOR_SIZES = (256, 512)
REPEATS = 5
COMPILERS = ("g++", "clang++", "cl")
MEMORY_LIMIT = 1200.0
PLAIN_FLOPS = 2 * 9 * 512 * 512 * 64 * 64
PEAK = """
import sys, torch
from hairstudio.nets.stylegan2 import Generator, GeneratorConfig
net = Generator(GeneratorConfig((512, 512, 512, 512, 512, 256, 128, 64, 32)))
net = net.eval().requires_grad_(False)
with torch.inference_mode():
    net.synthesis(torch.zeros(1, net.config.styles, 512), dtype=getattr(torch, sys.argv[1]))
print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
"""


def bench_nets(compiled: bool = False, repeats: int = REPEATS, peer: Path | None = None) -> Report:
    """Measure the synthesis network of config F, forward and backward, and the fused editor.

    ``peer``: only beside NVIDIA's, from a checkout of NVlabs/stylegan3.

    ``compiled``: the generators go through torch.compile, which needs a compiler and minutes. On
    CPUs it has never gained more than 3 %. Raises UserError without a compiler.
    """
    if compiled and not any(map(shutil.which, COMPILERS)):
        raise UserError(f"--compile: torch.compile needs one of {', '.join(COMPILERS)}")
    busy = load()
    dtypes = dict.fromkeys((torch.float32, fast_dtype()))
    if peer:
        figures = [*net_peer.compared(peer, [_name(dtype) for dtype in dtypes], repeats)]
    else:
        figures = [figure for dtype in dtypes for figure in _with(dtype, compiled, repeats)]
    return Report(machine(), torch.get_num_threads(), busy, tuple(figures))


def generator(resolution: int) -> Generator:
    """StyleGAN2 of config F with random weights, frozen."""
    sizes = [4 * 2**i for i in range(resolution.bit_length() - 2)]
    config = GeneratorConfig(tuple(min(512, 32768 // size) for size in sizes))
    return Generator(config).eval().requires_grad_(False)


def _with(dtype: torch.dtype, compiled: bool, repeats: int) -> Iterator[Figure]:
    name = _name(dtype)
    yield _rate(f"{name}: plain convolution", _plain(dtype), repeats, PLAIN_FLOPS)
    for size in SIZES:
        net = generator(size)
        if compiled:
            net.synthesis.compile()
        ws = torch.randn(1, net.config.styles, net.config.latent)

        def forward(net: Generator = net, ws: Tensor = ws) -> Tensor:
            with torch.inference_mode():
                return net.synthesis(ws, dtype=dtype)

        def both(net: Generator = net, ws: Tensor = ws) -> None:
            asked = ws.clone().requires_grad_()
            net.synthesis(asked, dtype=dtype).square().mean().backward()

        yield Figure(f"{name}: generator {size}: forward", _ms(forward, repeats))
        yield _rate(f"{name}: generator {size}: forward", forward, repeats, _direct_flops(net, ws))
        yield Figure(
            f"{name}: generator {size}: forward, backward", _ms(both, max(2, repeats // 2))
        )
        if dtype != torch.float32:
            yield Figure(f"{name}: generator {size}: to fp32", _faithful(net, ws, dtype), "dB")
    for size in EDITOR_SIZES:
        editor, request = _editor(size)

        def edit(editor: FusedEditor = editor, request: Request = request) -> None:
            with torch.inference_mode():
                editor(request, dtype)

        yield Figure(f"{name}: fused editor {size}: forward", _ms(edit, repeats))
    peak = _peak_mb(name)
    if peak is not None:
        yield Figure(f"{name}: generator 1024: peak memory", peak, "MB", MEMORY_LIMIT)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _faithful(net: Generator, ws: Tensor, dtype: torch.dtype) -> float:
    """PSNR of a picture to the exact one, over its own range, dB."""
    with torch.inference_mode():
        exact, made = net.synthesis(ws), net.synthesis(ws, dtype=dtype).float()
    span = float(exact.max() - exact.min())
    return float(10 * torch.log10(span**2 / (made - exact).square().mean()))


def _plain(dtype: torch.dtype) -> Callable[[], Tensor]:
    x = torch.randn(1, 512, 64, 64).to(dtype).contiguous(memory_format=torch.channels_last)
    weight = torch.randn(512, 512, 3, 3).to(dtype)
    return lambda: F.conv2d(x, weight, padding=1)


def _editor(size: int) -> tuple[FusedEditor, Request]:
    net = FusedEditor(replace(SMALL, resolution=size), generator(256)).eval().requires_grad_(False)
    rgb, plane = torch.zeros(1, 3, size, size), torch.ones(1, 1, size, size)
    one = torch.ones(1)
    return net, Request(rgb, rgb, plane, plane, one, one.long())


def _rate(name: str, call: Callable[[], object], repeats: int, flops: int) -> Figure:
    return Figure(f"{name}, rate", flops / _ms(call, repeats) / 1e6, "GFLOP/s")


def _direct_flops(net: Generator, ws: Tensor) -> int:
    """Counted as direct convolutions, whichever way they are computed."""
    with FlopCounterMode(display=False) as counter, torch.enable_grad():
        net.synthesis(ws)
    return counter.get_total_flops()


def _ms(call: Callable[[], object], repeats: int) -> float:
    call()
    times = list[float]()
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * median(times)


def _peak_mb(dtype: str) -> float | None:
    """Of a fresh process that makes one picture; None where the system does not tell. (The usual
    ``ru_maxrss`` begins with the memory of the process that started it.)"""
    if not Path("/proc/self/status").exists():
        return None
    done = subprocess.run([sys.executable, "-c", PEAK, dtype], capture_output=True, check=True)
    return int(done.stdout) / 1024
