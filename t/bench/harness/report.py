"""Tables of what was measured."""
import statistics

OURS = "opensips"
FLOOR = "relay"


def median_and_spread(values):
    """The median and the median distance from it (MAD)."""
    middle = statistics.median(values)
    return middle, statistics.median(abs(value - middle) for value in values)


def spread_text(values, digits=1):
    middle, spread = median_and_spread(values)
    return f"{middle:.{digits}f} ± {spread:.{digits}f}"


def counting(results, peer):
    """Those of a peer that count: not the disturbed ones if there are others."""
    good = [result for result in results if result.peer == peer and not result.trouble]
    return [result for result in good if not result.disturbed()] or good


def by_round(results, peer):
    return {result.round: result.micros for result in counting(results, peer)}


def above_floor(results, other):
    """In each round, ours above the relay as a part of the other peer's cost above it."""
    ours, floor, theirs = (by_round(results, peer) for peer in (OURS, FLOOR, other))
    return [(ours[n] - floor[n]) / (theirs[n] - floor[n]) for n in sorted(ours.keys() & floor.keys() & theirs.keys())
            if theirs[n] > floor[n]]


def ratio(results, others):
    """In each round, ours of one case as a part of ours of another."""
    over, under = by_round(results, OURS), by_round(others, OURS)
    return [over[n] / under[n] for n in sorted(over.keys() & under.keys())]


def rounds_text(values):
    return f"median {statistics.median(values):.2f}; rounds: " + " ".join(f"{value:.2f}" for value in values)


def table(case, results, unit):
    """The lines of one case's table, in Markdown."""
    lines = [f"### {case.title()}", "",
             f"| peer | µs per {unit}: median ± MAD | least | rounds | MiB |", "|---|---|---|---|---|"]
    for peer in dict.fromkeys(result.peer for result in results):
        good = counting(results, peer)
        bad = sum(1 for result in results if result.peer == peer) - len(good)
        if not good:
            lines.append(f"| {peer} | - | - | 0 ({bad} do not count) | - |")
            continue
        micros = [result.micros for result in good]
        count = str(len(good)) + (f" ({bad} more do not count)" if bad else "")
        memory = statistics.median(result.memory for result in good)
        lines.append(f"| {peer} | {spread_text(micros)} | {min(micros):.1f} | {count} | {memory:.0f} |")
    for other in ("kamailio", "kamailio-lua"):
        values = above_floor(results, other)
        if values:
            lines += ["", f"({OURS} − {FLOOR}) ÷ ({other} − {FLOOR}): {rounds_text(values)}"]
    return lines


def report(results, unit_of):
    """All tables: a list of lines."""
    cases = list(dict.fromkeys(result.case for result in results))
    of = {case: [result for result in results if result.case == case] for case in cases}
    lines = []
    for case in cases:
        lines += table(case, of[case], unit_of(case)) + [""]
    for case in (case for case in cases if case.workers > 1):
        like = (case.workload, 1, case.pinned)
        for single in (one for one in cases if (one.workload, one.workers, one.pinned) == like):
            values = ratio(of[case], of[single])
            if values:
                how = "all on CPU 0" if single.pinned else "not pinned"
                how += ", the same load for each worker" if single.part > 1 else ", the same load"
                lines.append(f"{case.workload}: {OURS} with {case.workers} workers ÷ with 1, {how}: {rounds_text(values)}")
    noisy = [result for result in results if result.disturbed()]
    if noisy:
        worst = max(result.other for result in noisy)
        lines += ["", f"{len(noisy)} of {len(results)} windows were disturbed by other programs (up to {worst:.2f} CPU): they "
                  "count only where a peer has no others."]
    return lines
