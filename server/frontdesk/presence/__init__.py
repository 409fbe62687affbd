"""Who is here: reps' devices, availability, capacity and load, and this node's mirror of them (PR)."""
