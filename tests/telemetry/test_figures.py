"""Plain numbers: what they come to when Prometheus reads them."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from frontdesk.telemetry import Counter, Gauge, Spread, exposition


def read() -> dict[tuple[str, ...], float]:
    """The page, by name and values of labels in the order of their names; a bucket by its bound."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(exposition().decode())
        for sample in family.samples
    }


def test_a_counter_without_labels_is_there_before_anything_is_counted() -> None:
    Counter("chats", "Chats.")
    assert read() == {("frontdesk_chats_total",): 0}


def test_a_counter_counts_each_combination_of_labels_alone() -> None:
    refused = Counter("refused", "Refusals.", "what", "code")
    refused.add("frame", "rate_limited")
    refused.add("frame", "rate_limited", by=2)
    refused.add("opening", "forbidden")
    assert read() == {
        ("frontdesk_refused_total", "rate_limited", "frame"): 3,
        ("frontdesk_refused_total", "forbidden", "opening"): 1,
    }


def test_what_is_gone_from_a_replaced_gauge_is_gone_from_the_page() -> None:
    memory = Gauge("memory_bytes", "Memory.", "process")
    memory.set(5, "node-0")
    memory.replace({("worker",): 7})
    assert read() == {("frontdesk_memory_bytes", "worker"): 7}


def test_a_spread_puts_a_value_on_a_bound_into_that_bucket_and_adds_up() -> None:
    took = Spread("took_seconds", "Time.", bounds=(0.1, 1.0))
    for value in (0.1, 0.1000001, 1.0, 7.0):
        took.observe(value)
    found = read()
    assert [found["frontdesk_took_seconds_bucket", bound] for bound in ("0.1", "1.0", "+Inf")] == [
        1, 3, 4,
    ]  # fmt: skip
    assert found["frontdesk_took_seconds_count",] == took.count == 4
    assert found["frontdesk_took_seconds_sum",] == pytest.approx(8.2000001)


def test_a_clock_that_was_set_back_takes_nothing_away() -> None:
    took = Spread("took_seconds", "Time.")
    took.observe(-3600)
    found = read()
    assert (found["frontdesk_took_seconds_count",], found["frontdesk_took_seconds_sum",]) == (1, 0)


def test_two_figures_of_one_name_are_refused() -> None:
    Gauge("sockets", "Open sockets.")
    with pytest.raises(ValueError, match="frontdesk_sockets"):
        Gauge("sockets", "Others.")
