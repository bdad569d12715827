"""Where a search begins once an encoder is trained: that of the fused editor, which is asked for no
change."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from hairstudio.nets import editor_file
from hairstudio.nets.fused_editor import FusedEditor, Request
from hairstudio.nets.stylegan2 import Generator
from hairstudio.weights import editors, priors, store


def trained(generator: Generator, path: Path) -> tuple[FusedEditor, str] | None:
    """The installed fused editor and its hash; None where there is none, or where ``path``, the
    file of ``generator``, is not the installed prior, with which it was trained.

    Raises UserError for a file that cannot be used.
    """
    file, installed = editors.path(), priors.path()
    if file is None or installed is None or store.sha256(installed) != store.sha256(path):
        return None
    return editor_file.load(file, generator), store.sha256(file)


@torch.no_grad()
def encode(editor: FusedEditor, original: Tensor) -> Tensor:
    """W+ (N, styles, d) of photos (N, 3, R, R) in -1..1."""
    side, count = editor.config.resolution, len(original)
    photo = F.interpolate(original, (side, side), mode="bilinear", antialias=True)
    nothing = torch.zeros(count, 1, side, side)
    none, task = torch.zeros(count), torch.zeros(count, dtype=torch.int64)
    return editor.encode(Request(photo, photo, nothing, nothing, none, task))[1]
