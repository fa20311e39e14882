"""From the page of a shooting to the response of one's own site, never to another's."""

from django.urls import reverse

from stoop.fieldwork.tests.factories import response
from stoop.incidents.tests.factories import make_incident


def test_the_shooting_leads_to_my_sites_response(client, personas):
    incident = make_incident()
    response(personas.other, incident=incident)
    mine = response(personas.site, incident=incident)
    client.force_login(personas.ann)
    answer = client.get(reverse("incident-responses", args=[incident.key]))
    assert answer["Location"] == reverse("response", args=[mine.key])


def test_without_one_the_board_says_so(client, personas):
    incident = make_incident()
    response(personas.other, incident=incident)
    client.force_login(personas.ann)
    answer = client.get(reverse("incident-responses", args=[incident.key]), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("board")
    assert "no response to this shooting" in answer.content.decode()


def test_the_city_that_sees_no_responses_is_not_led_there(client, personas):
    incident = make_incident()
    client.force_login(personas.carol)
    assert client.get(reverse("incident-responses", args=[incident.key])).status_code == 404
