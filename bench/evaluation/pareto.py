"""Which ways of sharing a device are beaten by another one in both respects."""
import dataclasses

import condense

OURS = "headway"


@dataclasses.dataclass(frozen=True)
class Point:
    name: str
    latency: float  # P99 of high / alone: less is better
    throughput: float  # low / exclusive bound: more is better


def points(result):
    """One per scenario in which both models run, in the order of the tables."""
    found = []
    for name in condense.names(result):
        latency = condense.p99_vs_alone(result, name)
        throughput = condense.low_vs_bound(result, name)
        if not condense.is_alone(name) and latency is not None and throughput is not None:
            found.append(Point(name, latency, throughput))
    return found


def beats(one, other):
    """At least as good in both respects, and better in one."""
    no_worse = one.latency <= other.latency and one.throughput >= other.throughput
    return no_worse and (one.latency, one.throughput) != (other.latency, other.throughput)


def beaten_by(point, all_points):
    return [other for other in all_points if beats(other, point)]


def front(all_points):
    """The names of those that no other beats."""
    return {point.name for point in all_points if not beaten_by(point, all_points)}
