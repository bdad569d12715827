"""Train the StyleGAN2 prior: non-saturating loss, lazy R1, EMA, adaptive augmentation."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import msgspec
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hairstudio.errors import UserError
from hairstudio.files import atomic_write
from hairstudio.nets import precision
from hairstudio.nets import prior as priors
from hairstudio.nets.discriminator import Discriminator
from hairstudio.nets.stylegan2 import Generator, GeneratorConfig
from hairstudio.training import checkpoint, data, octave
from hairstudio.training.augment import adapted, augment
from hairstudio.weights import convert
from hairstudio.weights.convert import Description

R1_EVERY = 16
ADAPT_EVERY = 4
SHARD = (16 << 20) - (128 << 10)  # 16 MB with the header
CHECKPOINT, AVERAGE, PAUSE = "checkpoint.safetensors", "prior.safetensors", "pause"


@dataclass(frozen=True)
class PriorOptions:
    """Everything that decides a run; stored beside its checkpoints."""

    resolution: int = 128
    base: int = 4096
    widest: int = 256
    latent: int = 256
    mapping_layers: int = 2
    batch: int = 16
    rate: float = 2e-3
    r1: float = 1.5
    ema_pictures: int = 10_000
    warm_up: int = 1_000
    start_p: float = 0.3
    seed: int = 0

    @property
    def channels(self) -> tuple[int, ...]:
        sizes = [4 * 2**i for i in range(self.resolution.bit_length() - 2)]
        return tuple(min(self.widest, self.base // size) for size in sizes)

    @property
    def generator(self) -> GeneratorConfig:
        return GeneratorConfig(self.channels, self.latent, self.mapping_layers)


class PriorTrainer:
    """Networks, optimisers and counters of one run. ``step`` consumes one batch.

    Random numbers are drawn on the CPU, so that a run goes on alike on another ``device``.
    """

    def __init__(
        self, options: PriorOptions, pictures: Tensor, dtype: torch.dtype, device: str = "cpu"
    ) -> None:
        torch.manual_seed(options.seed)
        self.options, self.pictures = options, pictures.to(device)
        self.dtype, self.device = dtype, device
        self.generator = Generator(options.generator).to(device)
        self.ema = deepcopy(self.generator).eval().requires_grad_(False)
        self.discriminator = Discriminator(options.channels).to(device)
        self.g_optimiser = self._adam(self.generator)
        self.d_optimiser = self._adam(self.discriminator)
        self.seen, self.steps, self.p, self.sign, self.resumed_at = 0, 0, options.start_p, 0.0, 0
        self.random = torch.Generator()

    def _adam(self, module: nn.Module) -> torch.optim.Adam:
        fused = self.device == "cuda"  # one kernel for all parameters
        return torch.optim.Adam(module.parameters(), self.options.rate, (0.0, 0.99), fused=fused)

    def step(self) -> dict[str, float]:
        """One discriminator and one generator update; returns the losses."""
        # Seeded per step, so that a resumed run draws what the unbroken one would have drawn.
        self.random.manual_seed(self.options.seed * 1_000_003 + self.steps)
        torch.manual_seed(self.options.seed * 1_000_033 + self.steps)
        self._set_rate()
        losses = self._discriminator_step()
        losses |= self._generator_step()
        self.steps += 1
        self.seen += self.options.batch
        self._update_ema()
        if self.steps % ADAPT_EVERY == 0:
            self.p = adapted(self.p, self.sign, ADAPT_EVERY * self.options.batch)
        return losses

    def _set_rate(self) -> None:
        ramp = min(1.0, (self.seen - self.resumed_at + 1) / self.options.warm_up)
        for optimiser in (self.g_optimiser, self.d_optimiser):
            optimiser.param_groups[0]["lr"] = self.options.rate * ramp

    def _reals(self) -> Tensor:
        count = self.options.batch
        index = torch.randint(len(self.pictures), (count,), generator=self.random)
        batch = self.pictures[index.to(self.device)].float() / 127.5 - 1
        flip = (torch.rand(count, generator=self.random) < 0.5).to(self.device)
        return torch.where(flip[:, None, None, None], batch.flip(3), batch)

    def _fakes(self) -> Tensor:
        count, options = self.options.batch, self.options
        z = torch.randn(2, count, options.latent, generator=self.random)
        w = [self.generator.mapping(part) for part in z.to(self.device)]
        with torch.no_grad():
            self.generator.w_mean.lerp_(w[0].mean(0), 0.005)
        styles = self.generator.config.styles
        cut = torch.randint(1, styles, (count, 1), generator=self.random)
        cut[torch.rand(count, 1, generator=self.random) > 0.9] = styles
        first = (torch.arange(styles)[None] < cut)[..., None].to(self.device)
        ws = torch.where(first, w[0][:, None], w[1][:, None])
        return self.generator.synthesis(ws, "random", dtype=self.dtype)

    def _judge(self, rgb: Tensor) -> Tensor:
        return self.discriminator(augment(rgb, self.p, self.random), self.dtype)

    def _discriminator_step(self) -> dict[str, float]:
        penalise = self.steps % R1_EVERY == 0
        with torch.no_grad():
            fake = self._fakes()
        # The slope at what D sees: grid_sample has no second derivative on a GPU.
        real = augment(self._reals(), self.p, self.random).requires_grad_(penalise)
        real_logits, fake_logits = self.discriminator(real, self.dtype), self._judge(fake)
        loss = F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
        losses = {"d": float(loss.detach())}
        if penalise:
            (slope,) = torch.autograd.grad(real_logits.sum(), real, create_graph=True)
            penalty = slope.square().sum((1, 2, 3)).mean()
            losses["r1"] = float(penalty.detach())
            loss = loss + penalty * (self.options.r1 / 2 * R1_EVERY)
        self._update(self.d_optimiser, loss)
        self.sign += 0.1 * (float(real_logits.detach().sign().mean()) - self.sign)
        return losses

    def _generator_step(self) -> dict[str, float]:
        self.discriminator.requires_grad_(False)
        loss = F.softplus(-self._judge(self._fakes())).mean()
        self._update(self.g_optimiser, loss)
        self.discriminator.requires_grad_(True)
        return {"g": float(loss.detach())}

    @staticmethod
    def _update(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()

    @torch.no_grad()
    def _update_ema(self) -> None:
        horizon = min(self.options.ema_pictures, self.seen * 0.1 + 1)
        weight = 1 - 0.5 ** (self.options.batch / horizon)
        for average, live in zip(self.ema.parameters(), self.generator.parameters(), strict=True):
            average.lerp_(live, weight)
        for average, live in zip(self.ema.buffers(), self.generator.buffers(), strict=True):
            average.copy_(live)

    def counters(self) -> checkpoint.Meta:
        run = {"seen": self.seen, "steps": self.steps, "p": self.p, "sign": self.sign}
        return run | {"options": asdict(self.options)}

    def save(self, path: Path) -> None:
        """Everything: resumes exactly."""
        tensors = self._networks() | checkpoint.named("ema", self.ema)
        tensors |= checkpoint.optimiser_tensors("g_adam", self.g_optimiser)
        tensors |= checkpoint.optimiser_tensors("d_adam", self.d_optimiser)
        checkpoint.save(path, tensors, self.counters())

    def save_prior(self, path: Path) -> None:
        """The EMA generator as fp16: what the product uses."""
        config = self.options.generator
        known = Description(config.resolution, config.channels, config.latent,
                            config.mapping_layers, f"trained here, {self.seen} pictures seen",
                            licence="Apache-2.0; learned from US government portraits")  # fmt: skip
        half = {name: tensor.half().cpu() for name, tensor in self.ema.state_dict().items()}
        convert.write(convert.Prior(half, known), path)

    def _networks(self) -> dict[str, Tensor]:
        return checkpoint.named("g", self.generator) | checkpoint.named("d", self.discriminator)

    def load(self, path: Path, prior: Path | None = None) -> None:
        """Continue from a full checkpoint, or from a compact one and the EMA in ``prior``; also
        where these are of half the resolution: the new layers begin as they are."""
        tensors, meta = checkpoint.load(path)
        if not checkpoint.under("ema", tensors):
            live = {f"ema.{name}": t for name, t in checkpoint.under("g", tensors).items()}
            tensors |= checkpoint.named("ema", priors.load(prior)) if prior else live
        compact = not checkpoint.under("g_adam", tensors)
        if octave.is_smaller(tensors, self.options.channels):
            fresh = self._networks() | checkpoint.named("ema", self.generator)
            tensors, compact = octave.grown(tensors, fresh), True
        checkpoint.restore("g", self.generator, tensors)
        checkpoint.restore("d", self.discriminator, tensors)
        checkpoint.restore("ema", self.ema, tensors)
        checkpoint.restore_optimiser("g_adam", self.g_optimiser, tensors)
        checkpoint.restore_optimiser("d_adam", self.d_optimiser, tensors)
        self.seen, self.steps = int(str(meta["seen"])), int(str(meta["steps"]))
        self.p, self.sign = float(str(meta["p"])), float(str(meta["sign"]))
        # Adam's moments are gone after a compact resume: let them settle at a low rate.
        self.resumed_at = self.seen if compact else 0


def open_run(
    pack: Path, run: Path, start: Path | None = None, average: Path | None = None,
    batch: int | None = None,
) -> PriorTrainer:  # fmt: skip
    """The run in a folder where it stopped, or a new one, begun from ``start`` where given.

    ``start``: what ``write_compact`` (with its ``average``) or ``write_shards`` wrote. With a pack
    of twice its resolution the new run grows by an octave. ``batch``: pictures per step from here
    on; None: as before. Raises UserError for files that cannot be used, and for a pack whose
    pictures have another size than the run's.
    """
    held = run / CHECKPOINT
    begun = held if held.exists() else start
    pictures, _ = data.read_pack(pack)
    side = int(pictures.shape[-1])
    options = PriorOptions(resolution=side) if begun is None else _options(begun)
    if begun != held and side == 2 * options.resolution:
        options = replace(options, resolution=side)
    if options.resolution != side:
        raise UserError(f"{pack}: holds {side} px pictures, the run has {options.resolution} px")
    options = replace(options, batch=batch or options.batch)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.backends.cudnn.benchmark = True  # the shapes stay the same
    trainer = PriorTrainer(options, pictures, precision.fast_dtype(device), device)
    if begun is not None:
        trainer.load(begun, average if begun == start else None)
    return trainer


def _options(path: Path) -> PriorOptions:
    _, meta = checkpoint.load(path)
    try:
        return msgspec.convert(meta["options"], PriorOptions)
    except (KeyError, msgspec.ValidationError) as error:
        raise UserError(f"{path}: not a checkpoint of the prior: {error}") from error


def write_compact(run: Path, out: Path, average: Path) -> None:
    """What a run needs to go on elsewhere: G and D as bf16 into ``out``, the averaged generator
    into ``average``; both overwrite. Raises UserError where there is no run."""
    tensors, meta = checkpoint.load(run / CHECKPOINT)
    networks = {name: t for name, t in tensors.items() if name.startswith(("g.", "d."))}
    checkpoint.save(out, checkpoint.half(networks), meta)
    with atomic_write(average, overwrite=True) as part:
        shutil.copyfile(run / AVERAGE, part)


def write_shards(run: Path, out: Path, limit: int = SHARD) -> int:
    """The whole checkpoint of a run in files of at most ``limit`` bytes; returns their number.
    Raises UserError where there is no run, or ``out`` is not an empty folder."""
    tensors, meta = checkpoint.load(run / CHECKPOINT)
    return checkpoint.save_shards(out, tensors, meta, limit)


def train(
    trainer: PriorTrainer,
    folder: Path,
    *,
    pictures: int,
    save_every: float = 300.0,
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Train until ``pictures`` were seen or ``stop()``; saves into ``folder`` every few minutes.

    ``folder``: checkpoint.safetensors, prior.safetensors, metrics.jsonl, samples-*.png. While a
    file named ``pause`` lies there the run, saved, rests.
    """
    folder.mkdir(parents=True, exist_ok=True)
    saved = start = time.monotonic()
    first = trainer.seen
    while trainer.seen < pictures and not stop():
        if (folder / PAUSE).exists():
            _save_all(trainer, folder)
            start += _rested(folder, stop)
            continue
        losses = trainer.step()
        if trainer.steps % R1_EVERY == 1:
            rate = (trainer.seen - first) / (time.monotonic() - start)
            _log(folder, trainer, losses | {"pictures_per_second": rate})
        if time.monotonic() - saved > save_every:
            _save_all(trainer, folder)
            saved = time.monotonic()
    _save_all(trainer, folder)


def _rested(folder: Path, stop: Callable[[], bool]) -> float:
    """Wait while the run is paused; returns the seconds."""
    begun = time.monotonic()
    while (folder / PAUSE).exists() and not stop():
        time.sleep(0.2)
    return time.monotonic() - begun


def _log(folder: Path, trainer: PriorTrainer, values: dict[str, float]) -> None:
    line = {"seen": trainer.seen, "p": trainer.p, "sign": trainer.sign} | values
    with (folder / "metrics.jsonl").open("a") as file:
        file.write(json.dumps({k: round(v, 5) for k, v in line.items()}) + "\n")


def _save_all(trainer: PriorTrainer, folder: Path) -> None:
    trainer.save(folder / CHECKPOINT)
    trainer.save_prior(folder / AVERAGE)
    sample_grid(trainer.ema, folder / f"samples-{trainer.seen // 1000:06}k.png")


@torch.inference_mode()
def sample_grid(generator: Generator, out: Path, columns: int = 8, rows: int = 4) -> None:
    """Fixed latents, truncation 0.8, one PNG."""
    from PIL import Image

    chance = torch.Generator().manual_seed(1)
    z = torch.randn(rows * columns, generator.config.latent, generator=chance)
    rgb = generator(z.to(generator.w_mean.device), truncation=0.8).cpu()
    size = generator.config.resolution
    tiles = rgb.view(rows, columns, 3, size, size).permute(0, 3, 1, 4, 2)
    pixels = ((tiles.reshape(rows * size, columns * size, 3) + 1) * 127.5).clamp(0, 255)
    Image.fromarray(pixels.byte().numpy()).save(out)
