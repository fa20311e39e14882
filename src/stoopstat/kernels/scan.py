"""Kernels of the space-time permutation scan.

Two facts keep the work small. Of circles and windows with the same cases inside, the smallest is
the likeliest cluster, so only circles that end at a case and windows that begin and end at cases
are looked at. And for a given number of cases the likelihood ratio only falls as the expected
number grows, so a cylinder that did not beat the record sets a bar for all later ones with that
many cases: `bar[c]`, the largest circle-total x window-total still worth a logarithm.
"""

import numpy as np
from numba import njit

from stoopstat.kernels.random import shuffle

# Windows up to this many units are all weighed, empty ends or not.
DENSE = 6
# Cases let into a circle at once before any is weighed alone, where the units of the study are
# at most so many times the longest window that a look at all windows costs less.
STRIDE = 16
STRIDABLE = 64


@njit(cache=True)
def likelihood_ratio(observed, expected, total):  # type: ignore[no-untyped-def]
    """Log likelihood ratio of a cylinder with more cases than expected, else 0."""
    if observed <= expected:
        return 0.0
    value = observed * np.log(observed / expected)
    if total > observed:
        value += (total - observed) * np.log((total - observed) / (total - expected))
    return value


@njit(cache=True)
def row_sizes(x, y, first, last, reach2):  # type: ignore[no-untyped-def]
    """(L,) locations within reach of each, itself included."""
    sizes = np.zeros(x.size, np.int64)
    for i in range(x.size):
        for row in range(3):
            for j in range(first[row, i], last[row, i]):
                sizes[i] += (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2 <= reach2
    return sizes


@njit(cache=True)
def row_cases(x, y, first, last, reach2, cases):  # type: ignore[no-untyped-def]
    """(L,) cases within reach of each location."""
    sizes = np.zeros(x.size, np.int64)
    for i in range(x.size):
        for row in range(3):
            for j in range(first[row, i], last[row, i]):
                if (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2 <= reach2:
                    sizes[i] += cases[j]
    return sizes


@njit(cache=True)
def circle(i, x, y, first, last, reach2, cases, found, apart2, inside):  # type: ignore[no-untyped-def]
    """Locations around i from near to far, and the cases of the circle that ends at each.

    Fills found (locations), apart2 (squared distances), inside (cases up to and with that
    distance); returns how many. Locations at one distance enter the circle together.
    """
    size = 0
    for row in range(3):
        for j in range(first[row, i], last[row, i]):
            d2 = (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2
            if d2 <= reach2:
                found[size] = j
                apart2[size] = d2
                size += 1
    order = np.argsort(apart2[:size])
    found[:size] = found[:size][order]
    apart2[:size] = apart2[:size][order]
    total = 0
    begin = 0
    for q in range(size):
        total += cases[found[q]]
        if q + 1 == size or apart2[q + 1] > apart2[q]:
            inside[begin : q + 1] = total
            begin = q + 1
    return size


@njit(cache=True)
def circles_of_locations(x, y, first, last, reach2, cases, starts, centre, zone):  # type: ignore[no-untyped-def]
    """For each location, the centres whose circles reach it and the cases of those circles.

    Written from starts[location]: centre, and zone, the cases of the smallest circle around that
    centre that holds the location.
    """
    widest = np.max(np.diff(starts))
    found = np.empty(widest, np.int64)
    apart2 = np.empty(widest)
    inside = np.empty(widest, np.int64)
    place = starts[:-1].copy()
    for i in range(x.size):
        size = circle(i, x, y, first, last, reach2, cases, found, apart2, inside)
        for q in range(size):
            j = found[q]
            centre[place[j]] = i
            zone[place[j]] = inside[q]
            place[j] += 1


@njit(cache=True)
def cases_of_circles(x, y, first, last, reach2, cases, first_case, starts, member, zone):  # type: ignore[no-untyped-def]
    """For each centre, the cases around it from near to far, and the cases of their circles.

    Cases are numbered location by location: those of location j are first_case[j] onwards.
    """
    widest = x.size
    found = np.empty(widest, np.int64)
    apart2 = np.empty(widest)
    inside = np.empty(widest, np.int64)
    for i in range(x.size):
        size = circle(i, x, y, first, last, reach2, cases, found, apart2, inside)
        place = starts[i]
        for q in range(size):
            for case in range(first_case[found[q]], first_case[found[q] + 1]):
                member[place] = case
                zone[place] = inside[q]
                place += 1


@njit(cache=True)
def weigh(count, size, total, record, row, zone, begin, end):  # type: ignore[no-untyped-def]
    """Weigh one cylinder against the record of this row; keep where it is if it wins.

    size: cases of the circle x cases of the window; expected = size / total. Nothing with as many
    cases and this size or more can beat what is then the record, so the bar is lowered.
    """
    bar, best, spots = record
    value = likelihood_ratio(float(count), size / total, float(total))
    bar[count] = size - 1
    if value > best[row]:
        best[row] = value
        spots[row, 0] = zone
        spots[row, 1] = begin
        spots[row, 2] = end
        spots[row, 3] = count


@njit(cache=True)
def raise_bar(bar, minimum, total):  # type: ignore[no-untyped-def]
    """Everything is worth a look again, but for cylinders with too few cases."""
    bar[:minimum] = -1
    bar[minimum:] = np.int64(total) * total


@njit(cache=True)
def sweep_recent(place, age, circles, window_cases, minimum, shift, scratch, record):  # type: ignore[no-untyped-def]
    """Weigh every cylinder that reaches the last unit, for recent cases at place[:m].

    Each case is hung on every centre whose circles reach it (linked lists); each centre then grows
    its circle case by case, with every window that begins at a case. With one row in the record
    all centres share it, else each has its own. One long loop, because a call that passes arrays
    costs more than the work on one centre.
    """
    starts, centre, zone = circles
    head, following, key, keys, seen = scratch
    bar, best, _ = record
    total = place.size
    head[:] = -1
    used = 0
    for r in range(age.size):
        for e in range(starts[place[r]], starts[place[r] + 1]):
            c = centre[e]
            following[used] = head[c]
            key[used] = (np.int64(zone[e]) << shift) | age[r]
            head[c] = used
            used += 1
    ages = (np.int64(1) << shift) - 1
    apart = best.size > 1
    for c in range(head.size):
        link = head[c]
        size = 0
        while link >= 0:
            value = key[link]
            at = size
            while at > 0 and keys[at - 1] > value:
                keys[at] = keys[at - 1]
                at -= 1
            keys[at] = value
            size += 1
            link = following[link]
        if apart:
            raise_bar(bar, minimum, total)
        for q in range(size):
            inside, youngest = keys[q] >> shift, keys[q] & ages
            at = q
            while at > 0 and seen[at - 1] > youngest:
                seen[at] = seen[at - 1]
                at -= 1
            seen[at] = youngest
            # Windows that miss the newest member were already weighed with a smaller circle.
            for older in range(at, q + 1):
                cylinder = inside * window_cases[seen[older]]
                if cylinder <= bar[older + 1]:
                    row = c if apart else 0
                    weigh(older + 1, cylinder, total, record, row, inside, seen[older], 0)


@njit(cache=True)
def recent_maxima(place, age, circles, window_cases, minimum, seeds):  # type: ignore[no-untyped-def]
    """Prospective: each centre's best, and the largest of each replicate with dates dealt anew.

    place: (n,) location of every case, the m recent ones first; age: (m,) their units before the
    last. Only recent cases matter, so a replicate draws m places, not n. window_cases: (W,) cases
    of the last 1, 2, ... W units. Returns values (L,), spots (L, 4): cases of the circle, units
    before the last of the window's first and last unit, cases inside; maxima (R,).
    """
    n, m, centres = place.size, age.size, circles[0].size - 1
    shift = 0
    while (1 << shift) < window_cases.size:
        shift += 1
    room = m * np.max(np.diff(circles[0]))
    scratch = (
        np.empty(centres, np.int32),
        np.empty(room, np.int32),
        np.empty(room, np.int64),
        np.empty(m, np.int64),
        np.empty(m, np.int64),
    )
    bar = np.empty(max(m, minimum) + 1, np.int64)
    raise_bar(bar, minimum, n)
    own = (bar, np.zeros(centres), np.zeros((centres, 4), np.int64))
    sweep_recent(place, age, circles, window_cases, minimum, shift, scratch, own)
    shared = (bar, np.zeros(1), np.zeros((1, 4), np.int64))
    maxima = np.zeros(seeds.size)
    drawn = place.copy()
    for replicate in range(seeds.size):
        drawn[:] = place
        shuffle(seeds[replicate], drawn, 0, n, m)
        raise_bar(bar, minimum, n)
        shared[1][0] = 0.0
        sweep_recent(drawn, age, circles, window_cases, minimum, shift, scratch, shared)
        maxima[replicate] = shared[1][0]
    return own[1], own[2], maxima


@njit(cache=True)
def may_win(counts, share, zone, hurdle, sums):  # type: ignore[no-untyped-def]
    """Whether any window's count could make a record with a circle of at least `zone` cases.

    With d = c - mu, the statistic is at most d**2 / (2 mu) * (N + mu) / (N - mu), because
    ln(1 + v) <= v; so it wins only if d**2 > hurdle * mu. counts: cases in each unit. share:
    (W, U) part of all cases in the 1, 2, ... W units from each unit on. sums: (U,) scratch.
    """
    hits = 0
    sums[:] = 0
    for k in range(share.shape[0]):
        for s in range(share.shape[1]):
            sums[s] += np.float32(counts[s + k])
            expected = zone * share[k, s]
            surplus = sums[s] - expected
            hits += (surplus > 0) & (surplus * surplus > hurdle * expected)
    return hits > 0


@njit(cache=True)
def sweep_all(unit, circles, upto, share, minimum, counts, sums, record):  # type: ignore[no-untyped-def]
    """Weigh every cylinder: each centre grows its circle case by case.

    For each case, every window of at most W units that holds it. unit: (n,) of each case, from W.
    upto: cases before each unit. share: see may_win. counts: zeros at entry and at return, with W
    units to spare on both sides. The record: as in sweep_recent.

    First a stride of cases is let in at once, and if not even their number, with the circle as
    small as at the first of them, could win in any window, none of them is weighed alone.
    """
    starts, member, zone = circles
    bar, best, _ = record
    total, width = unit.size, share.shape[0]
    apart = best.size > 1
    # Windows that begin or end at an empty unit cannot win. Leaving them out pays only when they
    # are many: with few, the processor guesses the detour wrongly and loses more than it wins.
    leap = width > DENSE
    stride = STRIDE if share.shape[1] <= STRIDABLE * width and not leap else 1
    for c in range(starts.size - 1):
        row = c if apart else 0
        if apart:
            raise_bar(bar, minimum, total)
        widest = zone[starts[c + 1] - 1] * share.max() if stride > 1 else 0.0
        slack = (total - widest) / (total + widest)
        begin = starts[c]
        while begin < starts[c + 1]:
            end = min(begin + stride, starts[c + 1])
            if stride > 1 and best[row] > 0:
                for e in range(begin, end):
                    counts[unit[member[e]]] += 1
                # A thousandth less, for what single precision rounds away.
                hurdle = np.float32(1.998 * best[row] * slack)
                if not may_win(counts, share, np.float32(zone[begin]), hurdle, sums):
                    begin = end
                    continue
                for e in range(begin, end):
                    counts[unit[member[e]]] -= 1
            for e in range(begin, end):
                u, z = unit[member[e]], np.int64(zone[e])
                counts[u] += 1
                left = 0
                for s in range(u, u - width, -1):
                    if leap and counts[s] == 0:
                        continue
                    left += counts[s]
                    inside = left - counts[u]
                    before = upto[s]
                    for t in range(u, s + width):
                        if leap and counts[t] == 0:
                            continue
                        inside += counts[t]
                        cylinder = z * (upto[t + 1] - before)
                        if cylinder <= bar[inside]:
                            weigh(inside, cylinder, total, record, row, z, s, t)
            begin = end
        for e in range(starts[c], starts[c + 1]):
            counts[unit[member[e]]] = 0


@njit(cache=True)
def all_maxima(unit, circles, upto, share, minimum, seeds):  # type: ignore[no-untyped-def]
    """Retrospective: what recent_maxima returns, spots in units, for windows at any time."""
    n, centres = unit.size, circles[0].size - 1
    counts = np.zeros(upto.size + share.shape[0], np.int32)
    sums = np.empty(share.shape[1], np.float32)
    bar = np.empty(max(n, minimum) + 1, np.int64)
    own = (bar, np.zeros(centres), np.zeros((centres, 4), np.int64))
    raise_bar(bar, minimum, n)
    sweep_all(unit, circles, upto, share, minimum, counts, sums, own)
    shared = (bar, np.zeros(1), np.zeros((1, 4), np.int64))
    maxima = np.zeros(seeds.size)
    dealt = unit.copy()
    for replicate in range(seeds.size):
        dealt[:] = unit
        shuffle(seeds[replicate], dealt, 0, n, n)
        raise_bar(bar, minimum, n)
        shared[1][0] = 0.0
        sweep_all(dealt, circles, upto, share, minimum, counts, sums, shared)
        maxima[replicate] = shared[1][0]
    return own[1], own[2], maxima
