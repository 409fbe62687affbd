from frontdesk.supervisor.place import LONGEST_PAUSE, pause_after


def test_the_first_fall_is_followed_by_a_start_at_once_the_next_ones_ever_later() -> None:
    pauses = [pause_after(falls) for falls in range(1, 2000)]
    assert pauses[0] == 0
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE
