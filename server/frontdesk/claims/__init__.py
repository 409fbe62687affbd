"""Who is rung and who holds the conversation: exactly one, whatever races or dies (CH-2, PR-4)."""
