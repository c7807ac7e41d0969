"""From Gemini's wire to the IR."""
