"""Addresses of this module."""

from django.urls import path

from stoop.fieldwork.views import boards, maps, plans, responses, rota, steps, weeks

urlpatterns = [
    path("", boards.home, name="home"),
    path("board/", boards.board, name="board"),
    path("city/", boards.city, name="city-board"),
    path("responses/", responses.responses, name="responses"),
    path("responses/new/", responses.new, name="response-new"),
    path("responses/<uuid:key>/", responses.response, name="response"),
    path("responses/to/<uuid:key>/", responses.to_incident, name="incident-responses"),
    path("responses/<uuid:key>/do", steps.response_step, name="response-step"),
    path("responses/<uuid:key>/clocks/<slug:code>", steps.clock_step, name="clock-step"),
    path("responses/<uuid:key>/counts", steps.count_new, name="count-new"),
    path("responses/<uuid:key>/counts/<uuid:count>/undo", steps.count_undo, name="count-undo"),
    path("responses/<uuid:key>/tasks", steps.task_new, name="task-new"),
    path("responses/<uuid:key>/tasks/<uuid:task>", steps.task_step, name="task-step"),
    path("responses/<uuid:key>/retaliation", steps.retaliation, name="retaliation"),
    path("map/responses/", maps.site_responses, name="map-responses"),
    path("map/responses/city/", maps.city_responses, name="map-city-responses"),
    path("rota/", rota.rota, name="rota"),
    path("rota/calendar", rota.calendar_reset, name="calendar-reset"),
    path("rota/calendar/end", rota.calendar_end, name="calendar-end"),
    path("rota/rest/end", rota.rest_end, name="rest-end"),
    path("rota/shifts/<uuid:key>/", rota.shift, name="shift"),
    path("rota/at/<slug:site>/", rota.site_rota, name="rota-site"),
    path("rota/at/<slug:site>/shifts", rota.shift_new, name="shift-new"),
    path("rota/at/<slug:site>/shifts/back", rota.shift_back, name="shift-back"),
    path("rota/at/<slug:site>/rest", rota.rest_give, name="rest-give"),
    path("calendar/<str:token>.ics", rota.calendar_file, name="calendar"),
    path("week/", weeks.week, name="week"),
    path("week/<slug:site>/<str:monday>/", weeks.sheet, name="week-sheet"),
    path("week/<slug:site>/<str:monday>.csv", weeks.sheet_csv, name="week-csv"),
    path("plans/", plans.plans, name="plans"),
    path("plans/install", plans.install, name="plans-install"),
    path("plans/new/", plans.change, name="plan-new"),
    path("plans/<slug:code>/", plans.plan, name="plan"),
    path("plans/<slug:code>/change/", plans.change, name="plan-change"),
    path("plans/<slug:code>/retire", plans.retire, name="plan-retire"),
]
