#!/usr/bin/env python3
"""Recompute an entry to compulsory schools from its own inputs and compare everything.

    python3 verify_entry.py DIR
    python3 verify_entry.py DIR --salts FILE --leaves-root HEX

Exit 0: everything in DIR follows from DIR/proof/input (with --salts: and every child's line is
under the published root); 1: the first difference is named; 2: DIR is
no result folder. Standard library only, exact integers only. The section numbers ("E6") are those
of `entry_readme.md`, the document shipped in each result folder. Nothing here was taken from the
program's own code.
"""
import argparse
import os
import re
import sys
import tomllib
from functools import lru_cache
from itertools import zip_longest
from math import gcd, isqrt

import verify
from chacha20 import list_hash, lot, seed_of
from verify import Fault, NoFolder, Record

UNKNOWN = 4294967295  # a figure that is not known (E6)
STAGES = ("primary", "junior")
STAGES_OF = {"primary": ("primary",), "junior": ("junior",), "nine_year": STAGES,
             "twelve_year": STAGES}
FACTS = ("household property public_rental replacement self_built limited_title tenancy "
         "residence_permit employment business martyr military rescue talent disabled "
         "sibling").split()
LOCKED_FACTS = {"property", "public_rental", "replacement", "self_built", "limited_title",
                "tenancy"}
GROUNDS = {
    "property": ("property_address", {"property", "replacement", "self_built", "limited_title",
                                      "public_rental"}),
    "household": ("household_address", {"household"}),
    "residence": ("residence_address", {"residence_permit", "tenancy"}),
}


# ---------------------------------------------------------------- E1: inputs

INPUTS = {
    "schools.csv": "school_code kind ownership primary_classes primary_seats junior_classes "
                   "junior_seats replacement longitude latitude",
    "zones.csv": "zone_code stage schools",
    "addresses.csv": "address_code primary_zone junior_zone longitude latitude",
    "feeders.csv": "primary_code junior_code",
    "children.csv": "child_no stage born household_address household_since property_address "
                    "property_since residence_address home family twins primary_code "
                    "primary_since private_code direct choices transfer_choices case_code",
    "evidence.csv": "child_no fact source comparison decision reason",
    "home_uses.csv": "home stage year family",
    "draws.csv": "school_code stage protocol first step",
}


def read_policy(path):
    """entry.toml."""
    with open(path, "rb") as handle:
        try:
            return tomllib.load(handle, parse_float=str)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Fault("entry.toml: %s" % error)


def plain(cell):
    """A cell without the apostrophe that keeps it from being a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def read_rows(folder, name):
    """Rows of an input sheet as dicts, columns that are not there empty; [] without the sheet."""
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return []
    with open(path, "rb") as handle:
        header, rows = verify.parse_sheet(handle.read(), "proof/input/" + name)
    if len(set(header)) < len(header):
        raise Fault("proof/input/%s, row 1: a column stands twice" % name)
    empty = dict.fromkeys(INPUTS[name].split(), "")
    result = []
    for number, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise Fault("proof/input/%s, row %d: %d fields, expected %d"
                        % (name, number, len(row), len(header)))
        result.append(dict(empty, **dict(zip(header, map(plain, row)))))
    return result


def by_code(rows, column):
    """Rows by their code, in the order of codes."""
    result = {row[column]: row for row in sorted(rows, key=lambda row: row[column])}
    if len(result) < len(rows):
        raise Fault("proof/input: a %s stands twice" % column)
    return result


def load(folder):
    """Read the whole of proof/input."""
    e = Record(policy=read_policy(os.path.join(folder, "entry.toml")))
    e.year = e.policy["year"]
    e.twins = e.policy.get("twins", "admit_both")
    if e.twins not in ("admit_both", "next_single"):
        raise Fault("entry.toml: twins: found %r" % e.twins)
    stages = {stage["code"]: stage for stage in e.policy.get("stage", [])}
    e.stages = {code: stages[code] for code in STAGES if code in stages}
    e.schools = by_code(read_rows(folder, "schools.csv"), "school_code")
    e.zones = by_code(read_rows(folder, "zones.csv"), "zone_code")
    e.addresses = by_code(read_rows(folder, "addresses.csv"), "address_code")
    e.children = by_code(read_rows(folder, "children.csv"), "child_no")
    e.feeders, e.evidence, e.home_uses, e.drawn = {}, {}, {}, {}
    for row in read_rows(folder, "feeders.csv"):
        e.feeders.setdefault(row["primary_code"], []).append(row["junior_code"])
    for row in read_rows(folder, "evidence.csv"):
        e.evidence.setdefault(row["child_no"], []).append(row)
    for row in read_rows(folder, "home_uses.csv"):
        uses = e.home_uses.setdefault((row["home"], row["stage"]), [])
        uses.append((int(row["year"]), row["family"]))
    for row in read_rows(folder, "draws.csv"):
        spot = row["stage"], row["school_code"]
        if spot in e.drawn:
            raise Fault("proof/input/draws.csv: %s draws twice at %s" % spot[::-1])
        e.drawn[spot] = row["protocol"], int(row["first"]), int(row["step"])
    return e


def schools_of(e, stage):
    """The schools that have this stage, by code."""
    return {code: school for code, school in e.schools.items()
            if stage in STAGES_OF[school["kind"]]}


# ---------------------------------------------------------------- E2 to E5: who she is

def facts_of(e, child):
    """Her facts and the year since which her home is locked, or None (E2)."""
    facts = {row["fact"] for row in e.evidence.get(child["child_no"], [])
             if row["decision"] == "accepted"
             or (row["decision"] == "" and row["comparison"] == "match")}
    since = locked_since(e, child)
    return (facts if since is None else facts - LOCKED_FACTS), since


def locked_since(e, child):
    """The latest year in which another family used her home for a place, or None (E2)."""
    rule = e.policy.get("home_rule")
    if rule is None or child["home"] == "":
        return None
    years = rule[child["stage"] + "_years"]
    return max((year for year, family in e.home_uses.get((child["home"], child["stage"]), [])
                if rule["since"] <= year < e.year and e.year - year < years
                and (child["family"] == "" or family != child["family"])), default=None)


def refused_by_age(stage, child):
    """Whether she is too young, too old, or of unknown age where it matters (E3)."""
    first, last = stage.get("born_from"), stage.get("born_until")
    if first is None and last is None:
        return False
    born = child["born"]
    return (born == "" or (first is not None and born < str(first))
            or (last is not None and born > str(last)))


def zone_of(e, child, facts):
    """The address and the zone that decide, or two times None (E4)."""
    for word in e.policy.get("zone_by", ["property", "household", "residence"]):
        column, grounds = GROUNDS[word]
        if facts & grounds and child[column]:
            zone = e.addresses[child[column]][child["stage"] + "_zone"]
            if zone:
                return child[column], zone
    return None, None


def category_of(e, child, facts, zone):
    """The number of her category, from 0, or None (E5)."""
    for number, category in enumerate(e.stages[child["stage"]].get("category", [])):
        some = category.get("any", [])
        if not facts.issuperset(category.get("all", [])):
            continue
        if some and facts.isdisjoint(some):
            continue
        if category.get("household_in_zone", False) and not (
                "household" in facts and child["household_address"] and zone is not None
                and e.addresses[child["household_address"]][child["stage"] + "_zone"] == zone):
            continue
        return number
    return None


# ---------------------------------------------------------------- E6: applications

def divided(a, b):
    """a / b cut towards zero, b being positive."""
    return -(-a // b) if a < 0 else a // b


def cosine(angle):
    """The cosine of an angle, both in whole ten-millionths (of a degree, of 1)."""
    x = divided(angle * 20122276272436452, 10 ** 7)
    q = (x * x) >> 60
    total = term = 1 << 60
    for k in range(1, 13):
        term = -divided((term * q) >> 60, (2 * k - 1) * 2 * k)
        total += term
    return (total * 10 ** 7) >> 60


def metres(one, other):
    """Metres between two points (longitude, latitude) in ten-millionths of a degree."""
    middle = divided(one[1] + other[1], 2)
    east = divided((other[0] - one[0]) * cosine(middle), 10 ** 7)
    north = other[1] - one[1]
    return divided(isqrt(east * east + north * north) * 111195, 10 ** 7)


@lru_cache(maxsize=None)
def ten_millionths(text):
    """Degrees as whole ten-millionths."""
    match = re.fullmatch(r"(-?)(\d+)(?:\.(\d{1,7}))?", text)
    if not match:
        raise Fault("proof/input: no degrees: %r" % text)
    sign, whole, part = match.groups()
    value = int(whole) * 10 ** 7 + int(((part or "") + "0" * 7)[:7])
    return -value if sign else value


def point_of(row):
    """The point of a school or an address, or None."""
    if row["longitude"] == "" or row["latitude"] == "":
        return None
    return ten_millionths(row["longitude"]), ten_millionths(row["latitude"])


def distance(e, address, school):
    """Metres between an address (None: not known) and a school (E6)."""
    one = point_of(e.addresses[address]) if address is not None else None
    other = point_of(e.schools[school])
    return UNKNOWN if one is None or other is None else metres(one, other)


def figure(e, child, facts, address, word, school):
    """One figure of a key in the zone (E6)."""
    if word == "distance":
        return distance(e, address, school)
    if word == "sibling":
        return 0 if "sibling" in facts else 1
    if word not in ("household_since", "property_since"):
        raise Fault("entry.toml: order: found %r" % word)
    return int(child[word].replace("-", "")) if child[word] else UNKNOWN


def long_enough(e, stage, since):
    """Whether she has been in her primary school for the years asked for (E6)."""
    if since == "":
        return False
    years, needed = e.year - int(since[:4]), stage.get("direct_years", 6)
    return years > needed or (years == needed and since[5:] <= "09-01")


def direct_application(e, child, place):
    """Application and refusal of the way `direct` (E6)."""
    if child["direct"] != "1" or child["primary_code"] == "":
        return [], []
    if e.schools[child["primary_code"]]["kind"] not in ("nine_year", "twelve_year"):
        return [], ["no_promotion"]
    if not long_enough(e, e.stages[child["stage"]], child["primary_since"]):
        return [], ["not_long_enough"]
    return [(child["primary_code"], "direct", (place,))], []


def zone_applications(e, c, place):
    """Applications and refusals of the way `zone` (E6)."""
    if c.zone is None:
        return [], ["no_zone"]
    if c.category is None:
        return [], ["no_category"]
    order = e.stages[c.child["stage"]]["category"][c.category].get("order", [])
    schools = verify.words(e.zones[c.zone]["schools"])
    schools.sort(key=lambda school: (distance(e, c.address, school), school))
    return [(school, "zone", (place, c.category) + tuple(
        figure(e, c.child, c.facts, c.address, word, school) for word in order))
        for school in schools], []


def choices_first(applications, choices):
    """Of feeder and zone schools those that she names come first; others keep their places (E6)."""
    spots = [n for n, (_, way, _) in enumerate(applications) if way in ("feeder", "zone")]
    movable = [applications[n] for n in spots]
    movable.sort(key=lambda a: choices.index(a[0]) if a[0] in choices else len(choices))
    result = list(applications)
    for spot, application in zip(spots, movable):
        result[spot] = application
    return result


def once(applications):
    """A later application to the same school falls away (E6)."""
    first = {}
    for application in applications:
        first.setdefault(application[0], application)
    return list(first.values())


def applications_of(e, c):
    """Her applications (school, way, key) in order, and her refusals (E6)."""
    child = c.child
    if child["case_code"]:
        return [(child["case_code"], "case", (0,))], []
    applications, refusals = [], []
    if child["private_code"]:
        applications.append((child["private_code"], "private", (0,)))
    for place, way in enumerate(e.stages[child["stage"]].get("ways", ["zone"]), 1):
        if way == "direct":
            more, reasons = direct_application(e, child, place)
        elif way == "feeder":
            more = [(school, "feeder", (place,))
                    for school in e.feeders.get(child["primary_code"], [])]
            reasons = []
        elif way == "zone":
            more, reasons = zone_applications(e, c, place)
        else:
            raise Fault("entry.toml: ways: found %r" % way)
        applications += more
        refusals += reasons
    return once(choices_first(applications, verify.words(child["choices"]))), refusals


def candidacy(e, child):
    """All that E2 to E6 say about one child."""
    facts, since = facts_of(e, child)
    c = Record(child=child, facts=facts, locked_since=since, address=None, zone=None,
               category=None, applications=[], refusals=["age"])
    if not refused_by_age(e.stages[child["stage"]], child):
        c.address, c.zone = zone_of(e, child, facts)
        c.category = category_of(e, child, facts, c.zone)
        c.applications, c.refusals = applications_of(e, c)
    return c


# ---------------------------------------------------------------- E7: tickets and lots

def make_tickets(e):
    """Tickets by stage and id; twins are one (E7)."""
    groups = {}
    for number, child in e.children.items():
        single = child["twins"] == ""
        name = (child["stage"], single, number if single else child["twins"])
        groups.setdefault(name, []).append(number)
    e.tickets = {}
    for (stage, _, _), members in groups.items():
        first = e.candidacies[members[0]]  # children run in the order of their numbers
        for number in members[1:]:
            if e.candidacies[number].applications != first.applications:
                raise Fault("proof/input/children.csv: twins %s and %s apply for other schools"
                            % (members[0], number))
        e.tickets[members[0]] = Record(id=members[0], stage=stage, heads=len(members),
                                       members=members, candidacy=first,
                                       applications=first.applications)
    e.ticket_of = {number: ticket for ticket in e.tickets.values() for number in ticket.members}
    e.in_order = sorted(e.tickets.values(), key=lambda t: (STAGES.index(t.stage), t.id))


def frozen(tickets):
    """The hash of a list of tickets (E7)."""
    return list_hash(("%s,%d" % (t.id, t.heads)).encode() for t in tickets)


def draw(e):
    """List hash, seed and lots (E7)."""
    rule = e.policy["lot"]
    e.round = rule.get("round", 0)
    e.list_hash = frozen(e.tickets.values())
    e.seed = seed_of(e.list_hash, [part.encode() for part in rule["parts"]])
    for ticket in e.tickets.values():
        ticket.lot = lot(e.seed, e.round, ticket.id)


# ---------------------------------------------------------------- E6: numbers drawn

def drawn_way(e, school):
    """The way by which people may draw numbers for a school (E6)."""
    return "private" if e.schools[school]["ownership"] == "private" else "direct"


def find_drawing(e):
    """Who applies by the way that may be drawn: {(stage, school): tickets by id} (E6)."""
    e.drawing = {}
    for ticket in e.in_order:
        for school, way, _ in ticket.applications:
            if way == drawn_way(e, school):
                e.drawing.setdefault((ticket.stage, school), []).append(ticket)


def numbers_drawn(count, protocol, first, step):
    """The numbers 1 to count in the order of a draw (E6)."""
    if not 1 <= first <= count or step < 1:
        raise Fault("proof/input/draws.csv: numbers %d and %d for a list of %d"
                    % (first, step, count))
    if protocol == "first_and_difference":
        if gcd(count, step) != 1:
            raise Fault("proof/input/draws.csv: difference %d for a list of %d" % (step, count))
        return [(first - 1 + step * n) % count + 1 for n in range(count)]
    if protocol != "ring":
        raise Fault("proof/input/draws.csv: protocol: found %r" % protocol)
    ring, at, order = list(range(1, count + 1)), first - 1, []
    while True:
        order.append(ring.pop(at))
        if not ring:
            return order
        at = (at + step - 1) % len(ring)  # the first after the one just taken now stands at `at`


def apply_draws(e):
    """The places drawn go to the end of the keys (E6)."""
    find_drawing(e)
    for spot, (protocol, first, step) in e.drawn.items():
        tickets = e.drawing.get(spot, [])
        numbers = numbers_drawn(len(tickets), protocol, first, step) if tickets else []
        for place_drawn, number in enumerate(numbers, 1):
            ticket = tickets[number - 1]
            ticket.applications = [
                (school, way, key + (place_drawn,))
                if (school, way) == (spot[1], drawn_way(e, school)) else (school, way, key)
                for school, way, key in ticket.applications]


# ---------------------------------------------------------------- E8: placing

def take(waiting, seats, twins):
    """Whom a school takes of (order, heads, ticket), in order (E8)."""
    taken, left = [], seats
    for order, heads, ticket in sorted(waiting):
        if heads <= left or (twins == "admit_both" and left > 0):
            taken.append(ticket)
            left -= heads
    return taken


def place(lists, heads, seats, twins):
    """The student-best stable assignment: {ticket: place in her list} of those who get one (E8).

    lists: {ticket: [(school, order)]}. Everybody stands at her first application. In every round
    each school takes its best of those who stand there, and all whom it refuses move on by one.
    Whoever is refused could have that school in no stable assignment (those kept before her
    can have nothing they like better, by induction over the rounds), so everybody ends at the
    best that any stable assignment gives her.
    """
    at = dict.fromkeys(lists, 0)
    while True:
        waiting = {}
        for ticket, number in at.items():
            if number < len(lists[ticket]):
                school, order = lists[ticket][number]
                waiting.setdefault(school, []).append((order, heads[ticket], ticket))
        refused = set()
        for school, entries in waiting.items():
            kept = set(take(entries, seats[school], twins))
            refused.update(ticket for _, _, ticket in entries if ticket not in kept)
        if not refused:
            return {ticket: number for ticket, number in at.items()
                    if number < len(lists[ticket])}
        for ticket in refused:
            at[ticket] += 1


def run_round(e, name, seats, applications):
    """One round: who is placed, and whom each school of a stage took, in order (E8).

    seats: {stage: {school: seats}}; applications: {ticket id: [(school, way, key)]}.
    """
    r = Record(name=name, seats=seats, applications=applications, placed={})
    r.taken = {stage: {school: [] for school in schools} for stage, schools in seats.items()}
    for stage in e.stages:
        lists = {t.id: [(school, (key, t.lot, t.id)) for school, _, key in applications[t.id]]
                 for t in e.in_order if t.stage == stage and applications.get(t.id)}
        heads = {ticket: e.tickets[ticket].heads for ticket in lists}
        placed = place(lists, heads, seats[stage], e.twins)
        for ticket, number in placed.items():
            school, order = lists[ticket][number]
            r.taken[stage][school].append((order, ticket))
        for tickets in r.taken[stage].values():
            tickets.sort()
        r.placed.update(placed)
    return r


def heads_taken(e, r, stage, school):
    """Heads that a school took in a round."""
    return sum(e.tickets[ticket].heads for _, ticket in r.taken[stage][school])


def admission(e):
    """The round of admission."""
    seats = {stage: {code: int(school[stage + "_seats"] or 0)
                     for code, school in schools_of(e, stage).items()} for stage in e.stages}
    return run_round(e, "admission", seats, {t.id: t.applications for t in e.in_order})


def transfer_seats(e, first, stage):
    """Seats of the schools of a stage in the transfer round (E8)."""
    rule = e.stages[stage].get("transfer")
    seats = {}
    for code, school in schools_of(e, stage).items():
        takes_part = rule is not None and school["ownership"] != "private" and (
            rule.get("schools", "vacant") == "vacant" or school["replacement"] == "1")
        left = first.seats[stage][code] - heads_taken(e, first, stage, code)
        seats[code] = max(0, left) if takes_part else 0
    return seats


def transfer_applications(e, ticket, seats):
    """What a ticket without a place applies for in the transfer round (E8)."""
    c = ticket.candidacy
    stage = e.stages[ticket.stage]
    rule = stage.get("transfer")
    if rule is None or c.category is None:
        return []
    code = stage["category"][c.category]["code"]
    if rule.get("categories") and code not in rule["categories"]:
        return []
    wanted = verify.words(c.child["transfer_choices"])
    far = {school: distance(e, c.address, school) for school, left in seats.items() if left}
    schools = [school for school in wanted if school in far]
    schools += sorted((s for s in far if s not in wanted), key=lambda s: (far[s], s))
    return [(school, "transfer", (c.category, far[school])) for school in schools]


def transfer(e, first):
    """The transfer round."""
    seats = {stage: transfer_seats(e, first, stage) for stage in e.stages}
    return run_round(e, "transfer", seats, {
        t.id: transfer_applications(e, t, seats[t.stage])
        for t in e.in_order if t.id not in first.placed})


def compute(folder):
    """Everything from the inputs."""
    e = load(folder)
    e.candidacies = {number: candidacy(e, child) for number, child in e.children.items()}
    make_tickets(e)
    apply_draws(e)
    draw(e)
    first = admission(e)
    e.rounds = [first, transfer(e, first)]
    e.granted = {ticket: r.applications[ticket][number]
                 for r in e.rounds for ticket, number in r.placed.items()}
    e.placed = sum(e.tickets[ticket].heads for ticket in e.granted)
    return e


# ---------------------------------------------------------------- E9: sheets

def category_code(e, stage, number):
    """The code of a category, empty without one."""
    return "" if number is None else e.stages[stage]["category"][number]["code"]


def shown_category(e, ticket, way):
    """Her category where the way goes by categories, else empty (E9)."""
    shown = ticket.candidacy.category if way in ("zone", "transfer") else None
    return category_code(e, ticket.stage, shown)


def candidacies_sheet(e):
    """candidacies.csv."""
    header = "child_no stage facts address_code zone_code category locked_since refusals".split()
    return header, [[
        number, c.child["stage"], ";".join(fact for fact in FACTS if fact in c.facts),
        c.address or "", c.zone or "", category_code(e, c.child["stage"], c.category),
        "" if c.locked_since is None else str(c.locked_since), ";".join(c.refusals)]
        for number, c in e.candidacies.items()]


def placements_sheet(e):
    """placements.csv."""
    rows = []
    for number, child in e.children.items():
        ticket = e.ticket_of[number]
        school, way, _ = e.granted.get(ticket.id, ("", "", None))
        rows.append([number, child["stage"], school, way, shown_category(e, ticket, way),
                     ticket.id, str(ticket.lot)])
    return "child_no stage school_code way category ticket lot".split(), rows


def reason_of(r, ticket, number):
    """Why an application was granted or not (E9)."""
    school, _, key = r.applications[ticket.id][number]
    granted = r.placed.get(ticket.id)
    if granted is not None and granted <= number:
        return "admitted" if granted == number else "placed_above"
    taken = r.taken[ticket.stage][school]
    if not taken:
        return "no_seat"
    last_key, last_lot, _ = taken[-1][0]
    if (key, ticket.lot) < (last_key, last_lot):
        return "twins"
    if key[:2] != last_key[:2]:
        return "category"
    return "order" if key != last_key else "lot"


def reasons_sheet(e):
    """reasons.csv."""
    rows = []
    for r in e.rounds:
        for ticket in e.in_order:
            for number, (school, way, _) in enumerate(r.applications.get(ticket.id, [])):
                rows.append([ticket.id, r.name, str(number + 1), school, way,
                             shown_category(e, ticket, way), reason_of(r, ticket, number)])
    return "ticket round position school_code way category reason".split(), rows


def school_lines_sheet(e):
    """school_lines.csv."""
    rows = []
    for r in e.rounds:
        for stage, schools in r.seats.items():
            for school, seats in schools.items():
                taken = r.taken[stage][school]
                key, last = (taken[-1][0][0], str(taken[-1][0][1])) if taken else ((), "")
                rows.append([school, stage, r.name, str(seats),
                             str(heads_taken(e, r, stage, school)), ";".join(map(str, key)), last])
    return "school_code stage round seats taken last_key last_lot".split(), rows


def bits_of(count, protocol):
    """log2 of the number of pairs of a draw in tenths, rounded down (E9)."""
    steps = count if protocol == "ring" else sum(
        gcd(count, step) == 1 for step in range(1, count + 1))
    tenths = ((count * steps) ** 10).bit_length() - 1
    return "%d.%d" % divmod(tenths, 10)


def draws_sheet(e):
    """draws.csv."""
    rows = []
    for (stage, school), tickets in sorted(
            e.drawing.items(), key=lambda item: (STAGES.index(item[0][0]), item[0][1])):
        shown = ["lot", "", "", ""]
        if (stage, school) in e.drawn:
            protocol, first, step = e.drawn[stage, school]
            shown = [protocol, str(first), str(step), bits_of(len(tickets), protocol)]
        rows.append([school, stage, drawn_way(e, school), str(len(tickets)),
                     frozen(tickets).hex()] + shown)
    return "school_code stage way tickets list_hash protocol first step bits".split(), rows


def load_word(e, children, seats):
    """red, amber or enough (E9)."""
    rule = e.policy.get("seat_warning", {})
    for word, usual in (("red", 100), ("amber", 90)):
        if children and children * 100 >= seats * rule.get(word + "_percent", usual):
            return word
    return "enough"


def loads_sheet(e):
    """loads.csv."""
    found = {code: [] for code in e.zones}
    for c in e.candidacies.values():
        if c.zone is not None:
            found[c.zone].append(c.category)
    rows = []
    for code, zone in e.zones.items():
        seats = sum(int(e.schools[school][zone["stage"] + "_seats"] or 0)
                    for school in verify.words(zone["schools"]))
        rows.append([code, zone["stage"], str(len(found[code])), str(found[code].count(0)),
                     str(seats), load_word(e, len(found[code]), seats)])
    return "zone_code stage children first_category seats warning".split(), rows


def zone_findings_sheet(e):
    """zone_findings.csv without what comes from the map."""
    rows = []
    for stage in e.stages:
        rows += [["gap", stage, code, ""] for code, address in e.addresses.items()
                 if address[stage + "_zone"] == ""]
        zoned = {school for zone in e.zones.values() if zone["stage"] == stage
                 for school in verify.words(zone["schools"])}
        if stage == "junior":
            zoned.update(school for schools in e.feeders.values() for school in schools)
        rows += [["school_without_zone", stage, code, ""]
                 for code, school in schools_of(e, stage).items()
                 if school["ownership"] != "private" and school["replacement"] != "1"
                 and code not in zoned]
    return "finding stage code zones".split(), rows


SHEETS = {
    "candidacies.csv": candidacies_sheet, "placements.csv": placements_sheet,
    "reasons.csv": reasons_sheet, "school_lines.csv": school_lines_sheet,
    "draws.csv": draws_sheet, "loads.csv": loads_sheet, "zone_findings.csv": zone_findings_sheet,
}
FROM_MAP = ("overlap", "list_and_map")  # findings that are not among the inputs (E9)


def guarded(cell):
    """A cell that no spreadsheet takes for a formula."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@") else cell


def sheet_text(header, rows):
    """The text of a sheet."""
    return verify.sheet_text(header, [list(map(guarded, row)) for row in rows])


# ---------------------------------------------------------------- counting alone

def by_counting(e, placements):
    """What must hold of rows of placements.csv whatever way they were computed."""
    granted = {row[0]: (row[2], row[3]) for row in placements}
    heads = {(stage, code): [] for stage in e.stages for code in schools_of(e, stage)}
    for ticket in e.in_order:
        for number in ticket.members:
            if granted[number] != granted[ticket.id]:
                raise Fault("placements.csv: %s and %s are twins" % (ticket.id, number))
        if granted[ticket.id][0]:
            heads[ticket.stage, granted[ticket.id][0]].append(ticket.heads)
    for (stage, school), counts in heads.items():
        seats = e.rounds[0].seats[stage][school]
        over = max(counts, default=1) - 1 if e.twins == "admit_both" else 0
        if sum(counts) > seats + over:
            raise Fault("placements.csv: %s has %d seats at %s and took %d"
                        % (school, seats, stage, sum(counts)))
    for r in e.rounds:
        check_order(e, r, granted)


def check_order(e, r, granted):
    """No school of a round refuses an earlier way and category than it takes (one head)."""
    latest, refused = {}, []
    for ticket in e.in_order:
        for school, way, key in r.applications.get(ticket.id, []):
            spot = ticket.stage, school
            if granted[ticket.id] == (school, way):
                latest[spot] = max(latest.get(spot, key[:2]), key[:2])
                break
            if ticket.heads == 1:
                refused.append((spot, key[:2], ticket.id))
    for spot, key, ticket in refused:
        if key < latest.get(spot, ()):
            raise Fault("placements.csv: %s refuses %s but takes a later category"
                        % (spot[1], ticket))


# ---------------------------------------------------------------- comparing

def compare(folder, name, header, rows):
    """Compare one sheet with what it must be, byte for byte; name the first difference."""
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        raise Fault("%s: missing" % name)
    with open(path, "rb") as handle:
        data = handle.read()
    expected = sheet_text(header, rows).encode()
    if name == "zone_findings.csv":
        data = b"\n".join(line for line in data.split(b"\n")
                          if line.partition(b",")[0].decode("utf-8", "replace") not in FROM_MAP)
    if data == expected:
        return
    lines = zip_longest(expected.split(b"\n"), data.split(b"\n"), fillvalue=b"the end")
    for number, (one, other) in enumerate(lines, 1):
        if one != other:
            raise Fault("%s, row %d: expected %s, found %s" % (
                name, number, one.decode() or "the end",
                other.decode("utf-8", "backslashreplace") or "the end"))


def manifest_values(e):
    """The members of proof/manifest.json that follow from the inputs."""
    return {"format": "entry-proof/1", "program": "zhaosheng", "children": len(e.children),
            "placed": e.placed, "list_hash": e.list_hash.hex(), "seed": e.seed.hex(),
            "round": e.round}


def check_manifest(e, manifest):
    """Compare the members of the manifest."""
    values = manifest_values(e)
    for name, value in values.items():
        found = manifest.get(name)
        if found != value or type(found) is not type(value):
            raise Fault("proof/manifest.json: %s: expected %r, found %r" % (name, value, found))
    if not re.fullmatch(r"\d+\.\d+\.\d+\S*", str(manifest.get("version"))):
        raise Fault("proof/manifest.json: version: found %r" % manifest.get("version"))
    for name in manifest:
        if name not in values and name not in ("version", "files"):
            raise Fault("proof/manifest.json: unexpected member %s" % name)


def check(folder):
    """Check a whole result folder; gives the lines to print, raises Fault or NoFolder.

    The hashes of the input come first, then the sheets row by row, then all hashes.
    """
    inputs = os.path.join(folder, "proof", "input")
    if not os.path.isdir(inputs) and not os.path.isfile(
            os.path.join(folder, "proof", "manifest.json")):
        raise NoFolder("%s: no result folder (no proof/input, no proof/manifest.json)" % folder)
    manifest = verify.read_manifest(folder)
    verify.check_hashes(folder, manifest, "proof/input/")
    if not os.path.isfile(os.path.join(inputs, "entry.toml")):
        raise Fault("proof/input/entry.toml: missing")
    try:
        e = compute(inputs)
    except (LookupError, ArithmeticError, ValueError, TypeError, AttributeError) as error:
        raise Fault("proof/input: not usable: %s: %s" % (type(error).__name__, error))
    counts = []
    for name, make in SHEETS.items():
        header, rows = make(e)
        compare(folder, name, header, rows)
        counts.append("%s %d" % (name, len(rows)))
    by_counting(e, placements_sheet(e)[1])
    check_manifest(e, manifest)
    files = verify.check_hashes(folder, manifest)
    return ["verified: %d children, %d placed, %d tickets, %d schools"
            % (len(e.children), e.placed, len(e.tickets), len(e.schools)),
            "list hash %s" % e.list_hash.hex(),
            "seed %s, round %d" % (e.seed.hex(), e.round),
            "rows: " + ", ".join(counts),
            "files: %d SHA-256" % files]


def verify_leaves(folder, salts, leaves_root):
    """Check that the published root of all lines is that of a (verified) folder's rows."""
    def sheet(name):
        with open(os.path.join(folder, name), "rb") as handle:
            return verify.parse_sheet(handle.read(), name)[1]

    of_ticket = {}
    for row in sheet("reasons.csv"):
        of_ticket.setdefault(row[0], []).append(verify.line_of(row))
    candidacies, placements = sheet("candidacies.csv"), sheet("placements.csv")
    with open(salts, "rb") as handle:
        header, rows = verify.parse_sheet(handle.read(), salts)
    numbers = [row[0] for row in rows]
    if header != ["child_no", "salt"] or numbers != [row[0] for row in placements]:
        raise Fault("%s: not one salt for each child in order" % salts)
    leaves = []
    for (number, salt), candidacy, placement in zip(rows, candidacies, placements):
        lines = ["candidacies.csv", verify.line_of(candidacy), "placements.csv", verify.line_of(placement),
                 "reasons.csv"] + of_ticket.get(placement[5], [])
        leaf = "".join(line + "\n" for line in lines).encode()
        leaves.append(verify.sha256(b"\0", verify.hash_of(salt, "salt of " + number), leaf))
    if verify.tree_root(leaves) != verify.hash_of(leaves_root, "--leaves-root"):
        raise Fault("the lines of this folder have the root %s" % verify.tree_root(leaves).hex())
    return ["leaves: %d lines are under the published root" % len(leaves)]


def main(arguments):
    """Command line."""
    parser = argparse.ArgumentParser(description="Recompute an entry to compulsory schools.")
    parser.add_argument("dir", nargs="?")
    parser.add_argument("--salts")
    parser.add_argument("--leaves-root")
    given = parser.parse_args(arguments)
    if given.dir is None or (given.salts is None) != (given.leaves_root is None):
        parser.print_usage(sys.stderr)
        return 2

    def work():
        lines = check(given.dir)
        if given.salts is not None:
            lines += verify_leaves(given.dir, given.salts, given.leaves_root)
        return lines

    return verify.answer(work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
