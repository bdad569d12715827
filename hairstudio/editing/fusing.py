"""The fused editor in the stack: the guide's picture goes through the network, whose low band
corrects it. Strands stay the guide's: they are as sharp as the photo, a network's are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hairstudio.editing.edits import Bangs, Color, Edit, Fill, Hairline, Volume
from hairstudio.errors import UserError
from hairstudio.guides.drawing import Drawing
from hairstudio.imaging.geometry import Similarity
from hairstudio.imaging.photo import Photo
from hairstudio.nets import editor_file, prior
from hairstudio.nets.fused_editor import FusedEditor, Request, Task
from hairstudio.nets.precision import fast_dtype
from hairstudio.portrait.alignment import crop_frame
from hairstudio.portrait.analysis import Finding
from hairstudio.portrait.parsing import warp_to_crop
from hairstudio.portrait.view import View
from hairstudio.weights import editors, priors

Array = NDArray[np.float32]

LOW_BAND = 0.05  # IOD: sigma of what the network decides
SOFT = 0.03  # IOD: how softly its change ends inside the allowed support
SHARE = 3.0  # least alpha of the patch over the change's weight
TASKS = {Bangs: Task.BANGS, Hairline: Task.HAIRLINE, Fill: Task.FILL, Color: Task.COLOR,
         Volume: Task.VOLUME}  # fmt: skip
FUSED = "fused"


@dataclass(frozen=True, eq=False)
class Crop:
    """The network's inputs in its crop, (R, R[, 3]) float32 0..1: the picture under the edit, the
    guide's picture and alpha, and where the result may change."""

    photo: Array
    guide: Array
    alpha: Array
    region: Array


@dataclass(frozen=True)
class Place:
    """Where and how a network runs."""

    device: str
    dtype: torch.dtype


def places(device: str = "auto") -> list[Place]:
    """Where to run, best first: each is tried when the one before it is out of memory.

    Raises UserError for a device that is not there.
    """
    cuda = torch.cuda.is_available()
    if device == "cuda" and not cuda:
        raise UserError("there is no CUDA device for this PyTorch; use --device cpu")
    names = ["cuda", "cpu"] if cuda and device != "cpu" else ["cpu"]
    return [Place(name, fast_dtype(name)) for name in names]


class Fuser:
    """The trained network, on the best of its ``places`` that has had room for it."""

    def __init__(self, editor: FusedEditor, ladder: Sequence[Place]) -> None:
        self._editor, self._ladder = editor, list(ladder)

    @classmethod
    def open(cls, engine: str = "auto", device: str = "auto") -> Fuser | None:
        """The installed network; None when there is none or ``engine`` is "guide".

        Raises UserError when ``engine`` is "fused" and there is no network, or a file of it cannot
        be used.
        """
        ladder = places(device)
        trained, generator = editors.path(), priors.path()
        if engine == "guide" or trained is None or generator is None:
            if engine == FUSED:
                raise UserError("no trained fused editor is installed; use --engine guide")
            return None
        return cls(editor_file.load(trained, prior.load(generator)), ladder)

    name = FUSED

    @property
    def device(self) -> str:
        """The device in use; "" when none has room."""
        return self._ladder[0].device if self._ladder else ""

    def __call__(
        self, edit: Edit, drawing: Drawing, view: View, allowed: NDArray[np.uint8], photo: Photo
    ) -> tuple[Drawing, bool]:
        """The drawing with the network's low band, and whether the network had a part in it.

        ``allowed``: (h, w) uint8 support of the edit in the view. Falls back to the next device,
        at last to the guide's drawing, with a warning ``out_of_memory``.
        """
        to_crop = self._from_view(view)
        crop = _crop(drawing, view, allowed, photo, to_crop, self._editor.config.resolution)
        warnings = list(drawing.warnings)
        while self._ladder:
            try:
                made = self._run(crop, edit, self._ladder[0])
            except (MemoryError, RuntimeError) as error:
                if not _out_of_memory(error):
                    raise
                warnings.append(self._step_down(error))
                continue
            fused = _corrected(drawing, view, made - crop.guide, crop.region, to_crop)
            return replace(fused, warnings=tuple(warnings)), True
        return replace(drawing, warnings=tuple(warnings)), False

    def _step_down(self, error: BaseException) -> Finding:
        lost = self._ladder.pop(0).device
        torch.cuda.empty_cache()
        then = f"on {self.device}" if self.device else "with the guide alone"
        text = f"{lost} ran out of memory ({str(error).splitlines()[0]}); went on {then}"
        return Finding("out_of_memory", 0, 0, text)

    def _from_view(self, view: View) -> Similarity:
        """View -> crop."""
        frame = crop_frame(view.analysis.landmarks, self._editor.config.resolution)
        return Similarity.resize(view.scale, (view.box.x, view.box.y)).inverse.then(frame)

    @torch.inference_mode()
    def _run(self, crop: Crop, edit: Edit, place: Place) -> Array:
        """(R, R, 3) float32 0..1."""
        editor = self._editor.to(place.device)
        editor.prior.to(place.device)
        task = torch.tensor([int(TASKS[type(edit)])], device=place.device)
        strength = torch.tensor([edit.strength], device=place.device)
        photo, guide, alpha, region = (
            _batch(plane, place.device)
            for plane in (crop.photo, crop.guide, crop.alpha, crop.region)
        )
        request = Request(2 * photo - 1, 2 * guide - 1, alpha, region, strength, task)
        made = editor(request, place.dtype).float()[0].permute(1, 2, 0).cpu().numpy()
        return cast(Array, np.clip(made * np.float32(0.5) + np.float32(0.5), 0, 1))


def _out_of_memory(error: BaseException) -> bool:
    """On a CPU PyTorch says it in the text alone."""
    known = isinstance(error, torch.OutOfMemoryError | MemoryError)
    return known or "DefaultCPUAllocator" in str(error)


def _batch(plane: Array, device: str) -> Tensor:
    """(R, R[, C]) -> (1, C, R, R)."""
    planes = plane[..., None] if plane.ndim == 2 else plane
    return torch.from_numpy(np.ascontiguousarray(planes.transpose(2, 0, 1)))[None].to(device)


def _crop(
    drawing: Drawing, view: View, allowed: NDArray[np.uint8], photo: Photo,
    to_crop: Similarity, size: int,
) -> Crop:  # fmt: skip
    """The view and its drawing as the network sees them, on the rest of the photo."""
    alpha = drawing.alpha * (allowed.astype(np.float32) / 255)
    drawn = view.rgb + alpha[..., None] * (drawing.rgb - view.rgb)
    seen = _inside(view, to_crop, size)[..., None]
    top = np.float32(np.iinfo(photo.pixels.dtype).max)
    around = warp_to_crop(photo.pixels, crop_frame(view.analysis.landmarks, size), size) / top
    under, guide = (
        around + seen * (warp_to_crop(rgb, to_crop, size) - around) for rgb in (view.rgb, drawn)
    )
    covered, region = (
        seen[..., 0] * warp_to_crop(plane, to_crop, size)
        for plane in (alpha, allowed.astype(np.float32) / 255)
    )
    return Crop(*(np.ascontiguousarray(p, np.float32) for p in (under, guide, covered, region)))


def _inside(view: View, to_crop: Similarity, size: int) -> Array:
    """(R, R) 1 where the crop shows the view."""
    ones = np.ones(view.rgb.shape[:2], np.float32)
    return cv2.warpAffine(ones, to_crop.matrix, (size, size), flags=cv2.INTER_LINEAR)


def _corrected(
    drawing: Drawing, view: View, change: Array, region: Array, to_crop: Similarity
) -> Drawing:
    """The drawing plus the low band of ``change`` (R, R, 3) to its picture, inside the region."""
    iod = view.iod * to_crop.scale
    low = cv2.GaussianBlur(change * region[..., None], (0, 0), LOW_BAND * iod)
    low = np.dstack([low, cv2.GaussianBlur(region, (0, 0), SOFT * iod)])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    back = cv2.warpAffine(low, to_crop.matrix, view.size, flags=flags)
    weight = np.clip(2 * back[..., 3] - 1, 0, 1)  # 0 at the border of the region, from inside
    old = drawing.alpha[..., None] * (drawing.rgb - view.rgb)
    alpha = np.maximum(drawing.alpha, np.minimum(SHARE * weight, 1))
    change_there = old + weight[..., None] * back[..., :3]
    rgb = view.rgb + change_there / np.maximum(alpha, np.float32(1e-3))[..., None]
    return replace(drawing, rgb=np.clip(rgb, 0, 1).astype(np.float32), alpha=alpha)
