"""From the IR to Gemini's wire."""
