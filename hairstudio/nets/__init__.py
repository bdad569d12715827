"""Torch modules only."""

import os

# Large tensors in huge pages: else the kernel takes longer to hand over a fresh 64 MB than a
# convolution takes to fill it. Read by PyTorch at its first allocation.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
