"""Trained fused editors as files: safetensors with a header, like priors."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from hairstudio.errors import UserError
from hairstudio.files import atomic_write
from hairstudio.nets.fused_editor import EditorConfig, FusedEditor
from hairstudio.nets.stylegan2 import Generator

HEADER = "hairstudio-editor"


def save(editor: FusedEditor, path: Path, overwrite: bool = False) -> None:
    """Write the editor without its prior. Raises UserError for a file that is there."""
    header = {HEADER: msgspec.json.encode(editor.config).decode()}
    tensors = {name: t.contiguous() for name, t in editor.state_dict().items()}
    with atomic_write(path, overwrite=overwrite) as part:
        save_file(tensors, part, header)


def load(path: Path, prior: Generator) -> FusedEditor:
    """The editor on its prior, in fp32, frozen, in evaluation mode.

    Raises UserError for a file that is no fused editor or that was trained with another prior.
    """
    try:
        with safe_open(path, "pt") as file:
            config = msgspec.convert(json.loads(file.metadata()[HEADER]), EditorConfig)
        editor = FusedEditor(config, prior)
        editor.load_state_dict({name: t.float() for name, t in load_file(path).items()})
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path}: not a fused editor of HairStudio ({error})") from error
    except RuntimeError as error:
        raise UserError(f"{path}: was not trained with this prior: {error}") from error
    return editor.eval().requires_grad_(False)
