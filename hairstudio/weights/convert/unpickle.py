"""Reading pickles and PyTorch files that strangers made, without running anything in them.

A pickle may name any importable function and have it called. Here only the names below resolve:
those that build tensors are replaced by our own reading of plain numbers, and classes that merely
carry settings become inert boxes. Any other name stops the reading before anything is called.
"""

from __future__ import annotations

import io
import pickle
import re
import tarfile
import zipfile
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

import torch
from torch import Tensor

from hairstudio.errors import UserError


class Forbidden(pickle.UnpicklingError):
    """A name that no checkpoint of tensors needs."""


class Box:
    """Stands for an object of another project: takes its state, does nothing."""

    state: Any = None

    def __init__(self, *_arguments: object, **_named: object) -> None: ...

    def __setstate__(self, state: object) -> None:
        self.state = state

    def __setitem__(self, _key: object, _value: object) -> None:
        """Items of dictionaries that are not looked at."""

    def append(self, _item: object) -> None:
        """Items of lists that are not looked at."""

    def extend(self, _items: object) -> None:
        """Items of lists that are not looked at."""


class EasyDict(dict[str, Any]):
    """NVIDIA's dictionary of settings; pickled with its items as state or as items."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.update(state)


def persistent(meta: dict[str, Any]) -> Box:
    """NVIDIA's persistent objects carry their source code along: only their state is kept."""
    box = Box()
    box.state = meta.get("state")
    return box


def _tensor(storage: Any, offset: int, size: tuple[int, ...], stride: tuple[int, ...],
            *_rest: object) -> Tensor:  # fmt: skip
    untyped = getattr(storage, "_untyped_storage", storage)
    flat = torch.empty(0, dtype=storage.dtype)
    return flat.set_(untyped, offset, size, stride)  # type: ignore[no-untyped-call]


def _parameter(data: Tensor, *_rest: object) -> Tensor:
    return data


def _storage(data: bytes) -> Any:
    """A storage that was pickled by value: a PyTorch file within the pickle, read as warily."""
    return _weights(io.BytesIO(data))


_CALLABLES: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("builtins", "set"): set,
    ("builtins", "getattr"): Box,  # never looked up; mmengine's logs name their methods so
    ("__builtin__", "getattr"): Box,
    ("_codecs", "encode"): Box,
    ("torch", "Size"): tuple,
    ("torch", "device"): Box,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch.storage", "_load_from_bytes"): _storage,
    ("torch_utils.persistence", "_reconstruct_persistent_obj"): persistent,
    ("dnnlib.util", "EasyDict"): EasyDict,
    ("dnnlib", "EasyDict"): EasyDict,
}
_INERT = {"mmengine", "mmcv", "mmagic", "mmgen", "numpy", "argparse"}


class SafeUnpickler(pickle.Unpickler):
    """Raises Forbidden for a name that is not on the list."""

    def find_class(self, module: str, name: str, /) -> Any:
        found = _CALLABLES.get((module, name)) or _of_torch(module, name)
        if found is not None:
            return found
        if module.split(".")[0] in _INERT or module.startswith("torch.nn."):
            return Box
        raise Forbidden(f"it asks for {module}.{name}, which no file of weights needs")


def _of_torch(module: str, name: str) -> Any:
    """Number formats and kinds of storage."""
    if module != "torch":
        return None
    found = getattr(torch, name, None)
    plain = isinstance(found, torch.dtype) or name.endswith("Storage")
    return found if plain else None


def read_pickle(path: Path) -> Any:
    """The objects of a plain pickle. Raises UserError naming the file and the reason."""
    with refusing(path), path.open("rb") as file:
        return SafeUnpickler(file).load()


def read_torch(path: Path) -> Any:
    """The objects of a PyTorch file (``torch.save``). Raises UserError like ``read_pickle``."""
    with refusing(path), path.open("rb") as file:
        return _weights(file)


@contextmanager
def refusing(path: Path) -> Generator[None]:
    """Whatever goes wrong with a stranger's file becomes one line, a UserError, that names it."""
    try:
        yield
    except UserError:
        raise
    except Forbidden as error:
        raise UserError(f"{path}: refused: {error}") from error
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error
    except Exception as error:
        reason = re.split(r"\.?\s*\n|\. ", str(error))[0]  # without torch's advice
        raise UserError(f"{path}: damaged, or not a checkpoint of tensors ({reason})") from error


def _weights(file: BinaryIO) -> Any:
    _require_weights(file)
    file.seek(0)
    safe = SimpleNamespace(Unpickler=SafeUnpickler, load=_load, __name__="pickle")
    return torch.load(file, map_location="cpu", pickle_module=safe, weights_only=False)


def _load(file: BinaryIO, **_options: object) -> Any:
    return SafeUnpickler(file).load()


def _require_weights(file: BinaryIO) -> None:
    """Refuse what else ``torch.load`` opens: programs (TorchScript) and tar archives."""
    program = zipfile.is_zipfile(file) and any(
        name.endswith("constants.pkl") for name in zipfile.ZipFile(file).namelist()
    )
    file.seek(0)
    if program or tarfile.is_tarfile(file):
        raise Forbidden("it is a program or an archive, not a checkpoint")
