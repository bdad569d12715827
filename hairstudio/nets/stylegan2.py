"""StyleGAN2 (Karras et al., CVPR 2020) in plain PyTorch: mapping and synthesis networks.

Modulation is weight-shared: inputs are scaled by the style and outputs by the demodulation
factor, so one convolution serves the whole batch, and what follows from the weights alone is kept.
Upsampling is a transposed convolution followed by the [1, 3, 3, 1] filter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hairstudio.nets import memory, styled, winograd

Noise = Literal["const", "random", "none"] | Sequence[Tensor]
"""A sequence: planes (N, 1, r, r), one for each layer."""
LayerNoise = Literal["const", "random", "none"] | Tensor
Fusion = Callable[[int, Tensor], Tensor]
SQRT2 = math.sqrt(2.0)
STRIP = 1 << 21  # values of a large picture that are enlarged at once, where memory counts
T = TypeVar("T")


@dataclass(frozen=True)
class GeneratorConfig:
    """``channels``: width per resolution, 4 px first (so its length sets the resolution);
    ``clamp``: limit of the convolutions' outputs, as NVIDIA's networks have it."""

    channels: tuple[int, ...]
    latent: int = 512
    mapping_layers: int = 8
    mapping_rate: float = 0.01
    clamp: float | None = None

    @property
    def resolution(self) -> int:
        return 2 ** (len(self.channels) + 1)

    @property
    def styles(self) -> int:
        """Number of W+ vectors: 10 at 64 px, 18 at 1024 px."""
        return 2 * len(self.channels)


def leaky_relu(x: Tensor) -> Tensor:
    return F.leaky_relu(x, 0.2) * SQRT2


class Linear(nn.Module):
    """Equalised-rate affine layer."""

    def __init__(self, inputs: int, outputs: int, bias: float = 0.0, rate: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), bias / rate))
        self.gain, self.rate = rate / math.sqrt(inputs), rate

    def forward(self, x: Tensor) -> Tensor:
        return torch.addmm(self.bias, x, self.weight.T, beta=self.rate, alpha=self.gain)


class MappingNetwork(nn.Module):
    """z (N, latent), standard normal -> w (N, latent)."""

    def __init__(self, latent: int, layers: int, rate: float) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Linear(latent, latent, rate=rate) for _ in range(layers))

    def forward(self, z: Tensor) -> Tensor:
        w = z * torch.rsqrt(z.square().mean(1, keepdim=True) + 1e-8)
        for layer in self.layers:
            w = leaky_relu(layer(w))
        return w


class ModulatedConv(nn.Module):
    """Convolution whose input channels are scaled by a style (N, inputs); with bias and gain."""

    blur: Tensor

    def __init__(
        self, inputs: int, outputs: int, size: int, *, up: bool = False, demodulate: bool = True,
        gain: float = 1.0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size))
        self.rate, self.size, self.gain = 1 / math.sqrt(inputs * size * size), size, gain
        self.up, self.demodulate = up, demodulate
        self._kept: dict[str, Any] = {}
        self._key: tuple[int, int] | None = None
        blur = torch.tensor([1.0, 3.0, 3.0, 1.0])
        self.register_buffer("blur", torch.outer(blur, blur)[None, None] / 16, persistent=False)

    def forward(self, x: Tensor, style: Tensor, bias: Tensor) -> Tensor:
        """``gain`` (convolution + ``bias`` (outputs,))."""
        style = style * self.rate
        bias = (bias * self.gain).to(x.dtype)
        if self._styles_in_weights(x) and not self._in_tiles(x):
            return self._convolve(x, self._modulated(style[0]).to(x.dtype), bias)
        y = self._shared(x * style.to(x.dtype)[:, :, None, None])
        power = self._constant("power", self._power)
        scale = self._scale(style.square() @ power.T).to(x.dtype)
        bias, scale = bias[:, None, None], scale[:, :, None, None]
        if torch.is_grad_enabled():
            return torch.addcmul(bias, y, scale)
        return y.mul_(scale).add_(bias)

    def at_once(self, x: Tensor) -> bool:
        """Whether ``layer`` and ``mixed`` take this input."""
        return self._frozen and x.is_cpu and x.dtype == torch.float32 and torch.is_grad_enabled()

    def layer(self, x: Tensor, style: Tensor, bias: Tensor, plane: Tensor) -> Tensor:
        """``forward`` with ``gain`` noise ``plane`` (N, 1, H, W) and leaky ReLU in one step."""
        style, power = style * self.rate, self._constant("power", self._power)
        scale, conv = self._scale(style.square() @ power.T), self._constant("conv", self._whole)
        return styled.layer(x, style, scale, plane * self.gain, bias * self.gain, conv)

    def mixed(self, x: Tensor, style: Tensor) -> Tensor:
        """``forward`` of a 1x1 convolution without demodulation and bias."""
        return styled.mixed(x, self.weight.flatten(1) * (style * (self.rate * self.gain))[:, None])

    def _whole(self) -> styled.Convolution:
        up = self.up
        return styled.FrozenUp(self.weight, self.blur) if up else winograd.FrozenConv(self.weight)

    def _styles_in_weights(self, x: Tensor) -> bool:
        """Whether to scale the weights in place of the pixels: where they are fewer. They serve one
        picture only, and their gradient would need a second convolution."""
        return len(x) == 1 and not torch.is_grad_enabled() and x.numel() > 2 * self.weight.numel()

    def _modulated(self, style: Tensor) -> Tensor:
        weight = self.weight * style[:, None, None]
        return weight * self._scale(weight.square().sum((1, 2, 3)))[:, None, None, None]

    def _scale(self, power: Tensor) -> Tensor:
        if not self.demodulate:
            return torch.full_like(power, self.gain)
        return self.gain * torch.rsqrt(power + 1e-8)

    def _in_tiles(self, x: Tensor) -> bool:
        """Whether Winograd's way can be taken, and is faster."""
        return self._frozen and self.size == 3 and not self.up and winograd.pays(x, self.weight)

    @property
    def _frozen(self) -> bool:
        return not (self.weight.requires_grad or torch.compiler.is_compiling())

    def _shared(self, x: Tensor) -> Tensor:
        if self._frozen and x.is_cpu and self.size == 3 and not self.up:
            return self._constant(f"frozen {x.dtype}", lambda: self._conv(x.dtype))(x)
        weight = self._constant(f"weight {x.dtype}", lambda: self._laid_out(x.dtype))
        return self._convolve(x, weight)

    def _constant(self, name: str, make: Callable[[], T]) -> T:
        """What follows from the weights alone; kept while they are frozen, but not in the graph
        of torch.compile."""
        if not self._frozen:
            return make()
        version = 0 if self.weight.is_inference() else self.weight._version
        if self._key != (self.weight.data_ptr(), version):
            self._key = self.weight.data_ptr(), version
            self._kept.clear()
        if name not in self._kept:
            with torch.inference_mode(False):  # it may serve a later call that has gradients
                self._kept[name] = make()
        return self._kept[name]

    def _laid_out(self, dtype: torch.dtype) -> Tensor:
        """As the convolution wants them: else it copies them at each call."""
        weight = self.weight.to(dtype)
        if not self.up:
            return weight.contiguous(memory_format=torch.channels_last)
        swapped = weight.transpose(0, 1).contiguous(memory_format=torch.channels_last)
        return swapped.transpose(0, 1)

    def _power(self) -> Tensor:
        """By output and input."""
        return self.weight.square().sum((2, 3))

    def _conv(self, dtype: torch.dtype) -> winograd.FrozenConv:
        return winograd.FrozenConv(self.weight.to(dtype))

    def _convolve(self, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        if not self.up:
            return F.conv2d(x, weight, bias, padding=self.size // 2)
        if torch.is_grad_enabled() or x.numel() < 2 * STRIP:
            return self._enlarge(x, weight, bias)
        return self._enlarge_in_strips(x, weight, bias)

    def _enlarge(self, x: Tensor, weight: Tensor, bias: Tensor | None, cut: int = 0) -> Tensor:
        """``cut``: lines (0 or 1) left out between the convolutions, above and below."""
        y = F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
        channels = y.shape[1]
        blur = self.blur.to(y.dtype).expand(channels, 1, 4, 4)
        lines = y[:, :, cut : y.shape[2] - cut]
        return F.conv2d(lines, blur, bias, padding=(1 - cut, 1), groups=channels)

    def _enlarge_in_strips(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """What is between the two convolutions would be as large as the result."""
        count, _, height, width = x.shape
        y = x.new_empty(count, 2 * height, 2 * width, len(weight)).permute(0, 3, 1, 2)
        step = max(1, height * STRIP // x.numel())
        for top in range(0, height, step):
            end = min(top + step, height)
            rows = x[:, :, max(top - 1, 0) : end + 1]
            rows = F.pad(rows, (0, 0, int(top == 0), int(end == height)))
            y[:, :, 2 * top : 2 * end] = self._enlarge(rows, weight, bias, cut=1)
        return y


class SynthesisLayer(nn.Module):
    """Modulated 3x3 convolution, noise, bias, leaky ReLU."""

    noise: Tensor

    def __init__(
        self, inputs: int, outputs: int, resolution: int, config: GeneratorConfig, up: bool
    ) -> None:
        super().__init__()
        self.clamp = config.clamp
        self.affine = Linear(config.latent, inputs, bias=1.0)
        self.conv = ModulatedConv(inputs, outputs, 3, up=up, gain=SQRT2)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.noise_strength = nn.Parameter(torch.zeros(()))
        self.register_buffer("noise", torch.randn(1, 1, resolution, resolution))

    def forward(self, x: Tensor, style: Tensor, noise: LayerNoise) -> Tensor:
        if self.conv.at_once(x) and (noise == "const" or isinstance(noise, Tensor)):
            plane = self._plane(noise, x).expand(len(x), -1, -1, -1) * self.noise_strength
            y = self.conv.layer(x, style, self.bias, plane)
        else:
            y = self._in_steps(x, style, noise)
        return y if self.clamp is None else y.clamp(-self.clamp, self.clamp)

    def _in_steps(self, x: Tensor, style: Tensor, noise: LayerNoise) -> Tensor:
        y = self.conv(x, style, self.bias)
        if noise != "none":
            y += (self._plane(noise, y) * (self.noise_strength * SQRT2)).to(y.dtype)
        return F.leaky_relu_(y, 0.2)  # the gain of sqrt 2 is in what came before

    def _plane(self, noise: LayerNoise, y: Tensor) -> Tensor:
        if isinstance(noise, Tensor):
            return noise
        return self.noise if noise == "const" else torch.randn_like(y[:, :1])


class ToRGB(nn.Module):
    def __init__(self, inputs: int, config: GeneratorConfig) -> None:
        super().__init__()
        self.clamp = config.clamp
        self.affine = Linear(config.latent, inputs, bias=1.0)
        self.conv = ModulatedConv(inputs, 3, 1, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(3))

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        if self.conv.at_once(x):
            y = self.conv.mixed(x, style) + self.bias[:, None, None]
        else:
            y = self.conv(x, style, self.bias).float()
        return y if self.clamp is None else y.clamp(-self.clamp, self.clamp)


def upsample(rgb: Tensor) -> Tensor:
    """Twice the size with the [1, 3, 3, 1] filter, zeros around: bilinear but for its border."""
    return F.interpolate(F.pad(rgb, (1, 1, 1, 1)), scale_factor=2, mode="bilinear")[..., 2:-2, 2:-2]


class SynthesisNetwork(nn.Module):
    """W+ (N, styles, latent) -> RGB (N, 3, R, R), about -1..1, not clamped."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        widths = config.channels
        self.input = nn.Parameter(torch.randn(1, widths[0], 4, 4))
        layers = [SynthesisLayer(widths[0], widths[0], 4, config, up=False)]
        for index, (before, width) in enumerate(pairwise(widths), start=1):
            size = 4 * 2**index
            layers.append(SynthesisLayer(before, width, size, config, up=True))
            layers.append(SynthesisLayer(width, width, size, config, up=False))
        self.layers = nn.ModuleList(layers)
        self.to_rgb = nn.ModuleList(ToRGB(width, config) for width in widths)

    def styles(self, ws: Tensor) -> list[Tensor]:
        """Style space: one vector per layer, then one per toRGB (Wu et al., CVPR 2021)."""
        layers = [layer.affine(ws[:, i]) for i, layer in enumerate(self._layers)]
        return layers + [rgb.affine(ws[:, 2 * i + 1]) for i, rgb in enumerate(self._to_rgb)]

    @property
    def _layers(self) -> list[SynthesisLayer]:
        return cast(list[SynthesisLayer], list(self.layers))

    @property
    def _to_rgb(self) -> list[ToRGB]:
        return cast(list[ToRGB], list(self.to_rgb))

    def forward(
        self,
        ws: Tensor,
        noise: Noise = "const",
        fuse: Fusion | None = None,
        dtype: torch.dtype = torch.float32,
        side: int | None = None,
    ) -> Tensor:
        """``fuse(resolution, features)`` may replace the features after each resolution; ``side``:
        stop there, for a quick look."""
        return self.from_styles(self.styles(ws), noise, fuse, dtype, side)

    def from_styles(
        self,
        styles: Sequence[Tensor],
        noise: Noise = "const",
        fuse: Fusion | None = None,
        dtype: torch.dtype = torch.float32,
        side: int | None = None,
    ) -> Tensor:
        """Synthesis from style space (see ``styles``); ``dtype`` is that of the convolutions."""
        x = self.input.to(dtype).expand(styles[0].shape[0], -1, -1, -1)
        x = x.contiguous(memory_format=torch.channels_last)
        rgb: Tensor | None = None
        noises = [noise] * len(self.layers) if isinstance(noise, str) else noise
        layers = iter(zip(self.layers, styles, noises, strict=False))
        for block, to_rgb in enumerate(self.to_rgb):
            for _ in range(1 if block == 0 else 2):
                layer, style, plane = next(layers)
                x = layer(x, style, plane)
            if fuse is not None:
                x = fuse(4 * 2**block, x)
            part = to_rgb(x, styles[len(self.layers) + block])
            rgb = part if rgb is None else upsample(rgb) + part
            if 4 * 2**block == side:
                break
        assert rgb is not None
        return rgb


class Generator(nn.Module):
    """Mapping and synthesis with the mean latent for truncation."""

    w_mean: Tensor

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        memory.keep_freed()
        self.config = config
        self.mapping = MappingNetwork(config.latent, config.mapping_layers, config.mapping_rate)
        self.synthesis = SynthesisNetwork(config)
        self.register_buffer("w_mean", torch.zeros(config.latent))

    def w_plus(self, z: Tensor, truncation: float = 1.0) -> Tensor:
        """z (N, latent) -> W+ (N, styles, latent), the same w in every layer."""
        w = self.w_mean + truncation * (self.mapping(z) - self.w_mean)
        return w[:, None].expand(-1, self.config.styles, -1)

    def mixed(self, first: Tensor, second: Tensor, crossover: int) -> Tensor:
        """Style mixing: W+ of ``first`` below layer ``crossover``, of ``second`` from there on."""
        return torch.cat([first[:, :crossover], second[:, crossover:]], 1)

    def forward(self, z: Tensor, truncation: float = 1.0, noise: Noise = "const") -> Tensor:
        return self.synthesis(self.w_plus(z, truncation), noise)
