"""Where is the project, and where do the public collections stand, which tests with the mark `shared` read?"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
LOADERS = SHARED / "loaders"  # odd real files of every kind
