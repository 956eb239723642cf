"""Where do the public collections stand? Beside the project; the mark `shared` says which tests read them."""

from pathlib import Path

SHARED = Path(__file__).parents[2] / "shared" / "data"
LOADERS = SHARED / "loaders"  # odd real files of every kind
