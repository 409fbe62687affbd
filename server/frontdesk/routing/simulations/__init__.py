"""Rules tried before they are live: on a visitor, a CSV, or what was recorded (RT-13)."""
