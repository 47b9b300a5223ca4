"""Makes the helpers of these tests importable."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # mirrors_house, whichever way pytest is started
