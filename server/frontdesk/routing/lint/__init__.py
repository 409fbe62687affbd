"""What looks wrong in rules that are sound, and what is remembered of having looked (RT-14)."""
