"""Writes docs/support.md."""

from __future__ import annotations

from pathlib import Path

from .page import page

PAGE = Path(__file__).resolve().parents[1] / "docs" / "support.md"

if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
