"""Sites and programs by hand: what is changed, refused, and how the catchment follows."""

from datetime import date

import pytest
from django.http import Http404
from django.urls import reverse

from stoop.accounts import actions, queries
from stoop.accounts.models import Program, Site
from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.accounts.tests.test_pages import looked_at
from stoop.kernel.errors import Refusal
from stoop.places import queries as outlines
from stoop.places.tests.factories import make_area


def changed(site: Site, **new):
    same = {
        "name": site.name, "organization": site.organization, "neighborhood": site.neighborhood,
        "covered_by": site.covered_by, "version": site.version, "by": SYSTEM,
    }  # fmt: skip
    return actions.edit_site(site=site, **{**same, **new})


def test_a_stale_change_is_told_and_keeps_what_was_typed(client, personas) -> None:
    client.force_login(personas.ada)
    changed(personas.site, neighborhood="Old Harbor")
    said = {
        "name": "Riverside Two", "organization": personas.site.organization_id,
        "neighborhood": "typed by hand", "covered_by": "", "version": 1,
    }  # fmt: skip
    text = looked_at(client.post(reverse("site-edit", args=["riverside"]), said), 400)
    assert "Somebody else has changed" in text
    assert "typed by hand" in text
    again = client.post(reverse("site-edit", args=["riverside"]), {**said, "version": 2})
    assert again.status_code == 302
    assert Site.objects.get(code="riverside").neighborhood == "typed by hand"


def test_a_program_that_somebody_closed_is_not_closed_anew(client, personas) -> None:
    begun = {"area_kind": "precinct", "area_code": "1", "status": "operational"}
    program = actions.add_program(site=personas.site, starts=date(2024, 1, 1), by=SYSTEM, **begun)
    path = reverse("program-close", kwargs={"code": personas.site.code, "pk": program.pk})
    client.force_login(personas.ada)
    for day in ("2025-06-30", "2025-06-30"):
        assert "written down" in client.post(path, {"ends": day}, follow=True).content.decode()
    told = client.post(path, {"ends": "2025-12-31"}, follow=True).content.decode()
    assert "Somebody wrote 2025-06-30 down as its last day" in told
    program.refresh_from_db()
    assert program.ends == date(2025, 6, 30)


def test_covering_goes_one_step(personas) -> None:
    covered = changed(personas.site, covered_by=personas.other)
    assert queries.overview(SYSTEM, code="riverside")[0].status == "covered"
    for site, by in ((covered, covered), (personas.other, covered)):
        with pytest.raises(Refusal):
            changed(Site.objects.get(pk=site.pk), covered_by=Site.objects.get(pk=by.pk))
    answering = queries.sites_answering(["riverside"], on=date(2026, 1, 1))
    assert answering == [personas.other]


def test_only_who_keeps_the_sites_changes_them(client, personas) -> None:
    for who in ("alice", "carol", "eve", "nobody"):
        client.force_login(getattr(personas, who))
        for name in ("site-edit", "program-add"):
            assert client.get(reverse(name, args=["riverside"])).status_code == 404
        with pytest.raises(Http404):
            actions.add_organization(name="X", kind="provider", by=actor_of(getattr(personas, who)))


def test_a_congregation_is_added_once(client, personas) -> None:
    client.force_login(personas.ada)
    typed = {"name": "Mill Lane Temple", "kind": "congregation"}
    page = looked_at(client.post(reverse("organizations"), typed, follow=True))
    assert "Mill Lane Temple" in page
    assert "Congregation" in page
    again = client.post(reverse("organizations"), {**typed, "kind": "school"}, follow=True)
    assert "already, as Congregation" in looked_at(again)
    assert [each.name for each in queries.organizations()].count("Mill Lane Temple") == 1
    assert client.post(reverse("organizations"), {"name": "", "kind": "army"}).status_code == 400


def test_a_site_from_nothing_to_a_catchment(client, personas) -> None:
    make_area("precinct", "7", (0.0, 0.0, 1.0, 1.0))
    client.force_login(personas.ada)
    both = {"name": "Mill Lane", "organization": "", "new_provider": ""}
    assert "Choose a provider" in looked_at(client.post(reverse("site-add"), both), 400)
    made = client.post(reverse("site-add"), {**both, "new_provider": "Mill Trust"})
    assert made.url == reverse("program-add", args=["mill-lane"])
    assert "No program written down" in looked_at(client.get(reverse("site", args=["mill-lane"])))
    program = {"area_kind": "precinct", "area_code": "7", "status": "operational"}
    bad = client.post(made.url, program)
    assert "Say when it starts" in looked_at(bad, 400)
    bad = client.post(made.url, {**program, "starts": "2024-02-01", "ends": "2024-01-01"})
    assert "ends before it starts" in looked_at(bad, 400)
    for _ in range(2):
        assert client.post(made.url, {**program, "starts": "2024-02-01"}).status_code == 302
    assert Program.objects.filter(site__code="mill-lane").count() == 1
    assert outlines.placed(0.5, 0.5, on=date(2024, 3, 1))["catchment"] == ("mill-lane",)
    row = Program.objects.get(site__code="mill-lane")
    close = reverse("program-close", args=["mill-lane", row.pk])
    told = client.post(close, {"ends": "2023-01-01"}, follow=True)
    assert "end before it started" in told.content.decode()
    told = client.post(close, {"ends": "soon"}, follow=True)
    assert "Write the last day" in told.content.decode()
    client.post(close, {"ends": "2024-06-30"})
    assert "catchment" not in outlines.placed(0.5, 0.5, on=date(2024, 7, 1))
    assert "catchment" in outlines.placed(0.5, 0.5, on=date(2024, 6, 30))
    assert "Not operational" in looked_at(client.get(reverse("site", args=["mill-lane"])))
    # A program of another site is not closed from here.
    wrong = reverse("program-close", args=["riverside", row.pk])
    assert client.post(wrong, {"ends": "2024-06-30"}).status_code == 404


@pytest.mark.parametrize(
    ("starts", "ends", "planned", "status", "day", "told"),
    [
        ("2020-01-01", None, None, "operational", "2020-01-01", "operational"),
        ("2020-01-01", None, None, "operational", "2019-12-31", "planned"),
        ("2020-01-01", "2021-12-31", None, "operational", "2021-12-31", "operational"),
        ("2020-01-01", "2021-12-31", None, "operational", "2022-01-01", "closed"),
        (None, None, "2022-07-01", "planned", "2030-01-01", "planned"),
        (None, None, "2022-07-01", "covered", "2030-01-01", "covered"),
        ("2020-01-01", None, None, "start_up", "2020-06-01", "start_up"),
    ],
)
def test_the_days_go_before_the_words(starts, ends, planned, status, day, told) -> None:
    def parsed(text):
        return date.fromisoformat(text) if text else None

    program = Program(
        starts=parsed(starts), ends=parsed(ends), planned_start=parsed(planned), status=status
    )
    assert queries.status_on(program, parsed(day)) == told


def test_two_sites_have_two_names_and_two_codes(personas) -> None:
    provider = personas.site.organization
    first = actions.add_site(name="Étoile  Two", organization=provider, neighborhood="", by=SYSTEM)
    assert (first.name, first.code) == ("Étoile Two", "etoile-two")
    with pytest.raises(Refusal, match="a site with this name"):
        actions.add_site(name="étoile two", organization=provider, neighborhood="", by=SYSTEM)
    second = actions.add_site(name="Étoile-Two", organization=provider, neighborhood="", by=SYSTEM)
    assert second.code == "etoile-two-2"
