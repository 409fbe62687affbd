"""Who is here: devices, availability, capacity and load of reps; a node's mirror of them (PR)."""
