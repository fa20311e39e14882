"""Boards: what is on them, in which order, and how many questions they ask of the database."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.fieldwork import actions, queries
from stoop.fieldwork.tests.factories import NIGHT, response, shift
from stoop.incidents.tests.factories import make_incident
from stoop.kernel import clock

pytestmark = pytest.mark.django_db
LATER = NIGHT + timedelta(minutes=20)
# A request asks for the session, the person, the memberships and factors besides.
MOST = {"board": 20, "city-board": 16, "response": 36, "rota": 22, "week": 24, "responses": 18}


@pytest.fixture
def night(personas):
    with clock.held(LATER):
        yield personas


def many(night, number, begin=0):
    for n in range(begin, begin + number):
        made = response(night.site, incident=make_incident(block=f"Elm St & {n + 1}"))
        actions.take_response(response=made, by=actor_of(night.ann))
        actions.meet_clock(response=made, code="hospital", by=actor_of(night.ann))
        for hour in range(3):
            actions.count(
                response=made,
                what="doors",
                number=3,
                part=1,
                block=f"Oak Ave & {hour}",
                hour=hour,
                by=actor_of(night.ann),
            )
        shift(night.site, night.ann, NIGHT + timedelta(days=n), hours=6)


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("board", "alice"),
        ("responses", "alice"),
        ("response", "alice"),
        ("rota", "alice"),
        ("week", "alice"),
        ("city-board", "carol"),
    ],
)
def test_a_page_asks_as_much_for_many_as_for_one(
    client, night, name, who, django_assert_max_num_queries
):
    client.force_login(getattr(night, who))

    def path():
        if name == "response":
            return reverse(name, args=[queries.responses(SYSTEM).first().key])
        if name == "week":
            return reverse("week-sheet", args=["riverside", "2026-11-16"])
        return reverse(name)

    many(night, 1)
    with django_assert_max_num_queries(MOST[name]) as few:
        assert client.get(path()).status_code == 200
    many(night, 4, begin=1)
    with django_assert_max_num_queries(len(few.captured_queries)):
        assert client.get(path()).status_code == 200


def test_what_is_mine_comes_first(night):
    hers, mine = response(night.site), response(night.site)
    actions.take_response(response=hers, by=actor_of(night.alice))
    actions.take_response(response=mine, by=actor_of(night.ann))
    board = queries.board(actor_of(night.ann))
    assert board.next.response == mine
    assert {each.response for each in board.mine} == {mine}
    assert {each.response for each in board.others} == {hers}


def test_a_shooting_that_nobody_has_taken_comes_before_all(night):
    mine = response(night.site)
    actions.take_response(response=mine, by=actor_of(night.ann))
    with clock.held(NIGHT + timedelta(hours=30)):  # much of it is late by now
        free = response(night.site, began_at=NIGHT + timedelta(hours=30))
        found = queries.board(actor_of(night.ann)).next
    assert (found.response, found.code) == (free, "acknowledge")


def test_what_nobody_has_taken_asks_one_thing(client, night):
    """Two shootings: each stands with its place and "I take it", all its clocks folded; once it is
    taken they unfold, the soonest first."""
    one, two = response(night.site), response(night.site)
    client.force_login(night.ann)

    def shown():
        """The board without what is folded, and what is."""
        head, *folds = client.get(reverse("board")).content.decode().split("<details")
        kept, folded = [head], []
        for each in folds:
            inside, _end, after = each.partition("</details>")
            folded.append(inside)
            kept.append(after)
        return "".join(kept), "".join(folded)

    open_, folded = shown()
    assert open_.count('value="take"') == 2
    assert "Take it:" in open_
    for label in ("On the scene", "Doors around it knocked", "Ask partners and clergy"):
        assert f"<strong>{label}" not in open_
        assert folded.count(f"<strong>{label}") == 2
    client.post(reverse("response-step", args=[one.key]), {"do": "take"})
    open_, folded = shown()
    assert open_.count('value="take"') == 1
    assert open_.count("<strong>On the scene") == folded.count("<strong>On the scene") == 1
    board = queries.board(actor_of(night.ann))
    assert [each.due.response for each in board.untaken] == [two]
    assert [each.due_at for each in board.mine] == sorted(each.due_at for each in board.mine)
    assert {each.response for each in board.mine} == {one}


def test_what_nobody_has_stands_before_all_else_on_a_small_screen(client, night):
    shift(night.site, night.ann, NIGHT)
    client.force_login(night.ann)
    made = response(night.site)
    text = client.get(reverse("board")).content.decode()
    assert text.index('value="take"') < text.index("You are on call")
    client.post(reverse("response-step", args=[made.key]), {"do": "take"})
    text = client.get(reverse("board")).content.decode()
    assert text.index("You are on call") < text.index('id="next"')


def test_amber_is_for_what_is_due_within_a_day(client, night):
    """Ann's board an hour and a half after: one thing late, the rest of the day due, then plain."""
    mine = response(night.site)
    actions.take_response(response=mine, by=actor_of(night.ann))
    with clock.held(NIGHT + timedelta(hours=1.5)):
        board = queries.board(actor_of(night.ann))
        client.force_login(night.ann)
        text = client.get(reverse("board")).content.decode()
    assert [each.code for each in board.mine if each.state == "late"] == ["on_scene"]
    soon = {each.code: (each.due_at - NIGHT) / timedelta(hours=1) for each in board.mine}
    assert max(soon.values()) <= 25.5
    assert {each.code for each in board.later} == {"debrief", "public", "gathering", "staff"} | {
        each.code for each in mine.tasks.all() if each.code == "services"
    }
    assert board.tally == {"late": 1, "due": 5, "later": 5}
    for words in ("Late: 1", "Due within a day: 5", "Later, within three days: 5"):
        assert words in " ".join(text.split())
    folded = text[text.index("<details><summary>Later") :].partition("</details>")[0]
    assert "Staff debrief" in folded
    assert "badge" not in folded


def test_what_is_late_since_long_does_not_hide_tonight(night):
    with clock.held(NIGHT - timedelta(days=40)):
        old = response(night.site, began_at=NIGHT - timedelta(days=40))
    new = response(night.site)
    board = queries.board(actor_of(night.alice))
    assert board.next.response == new
    assert [(each.due.response, each.due.state) for each in board.untaken] == [
        (new, "due"),
        (old, "late"),
    ]


def test_the_board_of_one_site_holds_nothing_of_another(night):
    response(night.other)
    board = queries.board(actor_of(night.alice))
    assert board.next is None
    assert board.responses == []


def test_the_city_sees_every_incident_with_or_without_response(night):
    alone = make_incident(block="Far St & 1st")
    made = response(night.site)
    late = NIGHT + timedelta(hours=2)
    with clock.held(late):
        actions.take_response(response=made, by=actor_of(night.alice))
        board = queries.city_board(actor_of(night.carol))
        assert {line.incident.key for line in board.lines} == {alone.key, made.incident.key}
        found = next(line for line in board.lines if line.responses).responses[0]
    assert found.taken
    assert found.met == 1
    assert found.late == ["On the scene"]
    assert found.running == 8
    with clock.held(NIGHT + timedelta(days=9)):
        assert queries.city_board(actor_of(night.carol)).lines == []
        assert len(queries.city_board(actor_of(night.carol), days=30).lines) == 2


def test_the_city_sees_what_waits_and_why_there_is_no_response(client, night):
    make_incident(block="Far St & 1st", confirmed=False)
    make_incident(block="Near St & 1st", kind="shots", hurt=None)
    for who in (night.carol, night.cass):
        client.force_login(who)
        text = client.get(reverse("city-board")).content.decode()
        assert "Far St" in text
        assert "It waits for the duty officer" in text
        assert "nobody hit" in text
        assert "no site&#x27;s catchment" not in text


def test_the_city_board_turns_pages(client, night):
    for n in range(27):
        make_incident(block=f"Elm St & {n + 1}")
    client.force_login(night.carol)
    assert "Page 1 of 2" in client.get(reverse("city-board")).content.decode()
    for odd in ("?days=x&page=-1", "?days=99999999999&page=999", "?page=%00"):
        assert client.get(reverse("city-board") + odd).status_code == 200


def test_a_week_writes_itself(night):
    alice, ann = actor_of(night.alice), actor_of(night.ann)
    made = response(night.site)
    actions.take_response(response=made, by=ann)
    actions.waive_clock(response=made, code="hospital", reason="nobody_hurt", by=ann)
    actions.count(response=made, what="doors", number=8, part=2, block="Elm & 3rd", hour=23, by=ann)
    actions.count(response=made, what="doors", number=2, block="Elm & 3rd", hour=22, by=ann)
    with clock.held(NIGHT + timedelta(hours=5)):
        week = queries.week(alice, night.site, date(2026, 11, 16))
    kept = {each.label: each for each in week.kept}
    assert (kept["Take it"].in_time, kept["Take it"].due) == (1, 1)
    assert (kept["On the scene"].not_done, kept["On the scene"].due) == (1, 1)
    assert (kept["At the hospital"].not_needed, kept["At the hospital"].due) == (1, 0)
    assert (kept["Family spoken to"].not_yet, kept["Family spoken to"].due) == (1, 0)
    assert "Public response: vigil, rally, walk" not in kept  # due on Monday
    assert (week.opened, week.closed, week.running) == (1, 0, 1)
    row = week.canvassed[0]
    assert (row.block, row.hours, row.number, row.part) == ("Elm & 3rd", 2, 10, 2)
    counted = {each.label: each.number for each in week.counted if not each.kind}
    assert counted["Doors knocked"] == 10
    assert counted["People who came"] is None
    assert not week.over


def test_an_empty_week_says_not_recorded(client, night):
    client.force_login(night.alice)
    text = client.get(reverse("week-sheet", args=["riverside", "2026-11-16"])).content.decode()
    assert "not recorded, which is not zero" in text
    assert "No clock was due this week." in text


@pytest.mark.parametrize("monday", ["2026-11-17", "x", "2026-13-01", "0001-01-01", "9999-12-27"])
def test_weeks_that_are_none(client, night, monday):
    client.force_login(night.alice)
    assert client.get(f"/week/riverside/{monday}/").status_code == 404


def test_no_cell_of_the_file_computes(client, night):
    night.site.name = "=cmd()"
    night.site.save()
    made = response(night.site)
    ann = actor_of(night.ann)
    actions.count(response=made, what="doors", number=8, block="-Elm & 3rd", hour=23, by=ann)
    client.force_login(night.alice)
    answer = client.get(reverse("week-csv", args=["riverside", "2026-11-16"]))
    text = b"".join(answer.streaming_content).decode()
    assert "'-Elm & 3rd" in text
    assert not any(cell.startswith(("=", "-", "+", "@")) for cell in text.split(","))


@pytest.mark.parametrize(
    ("who", "lands"),
    [
        ("alice", 200),
        ("ann", 200),
        ("carol", 200),
        ("cass", 200),
        ("dan", "/map/"),
        ("eve", "/map/"),
        ("rita", "/map/"),
        ("nobody", 200),
    ],
)
def test_where_each_begins(client, night, who, lands):
    client.force_login(getattr(night, who))
    answer = client.get("/")
    assert answer.status_code == (200 if lands == 200 else 302)
    if lands != 200:
        assert answer["Location"] == lands


def test_first_screen_is_light(client, night):
    many(night, 5)
    client.force_login(night.alice)
    for path in ("/", reverse("response", args=[queries.responses(SYSTEM).first().key])):
        assert len(client.get(path).content) < 90_000, path
