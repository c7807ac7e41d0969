"""Gemini's messages as data: https://ai.google.dev/api/generate-content. No logic."""
