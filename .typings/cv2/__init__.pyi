# OpenCV's own stubs call every array MatLike, so each call would need a cast. Untyped is honest:
# our functions declare what they return.
from typing import Any

def __getattr__(name: str) -> Any: ...
