"""The reps as a decision sees them: presence, and working hours (PR-1)."""
