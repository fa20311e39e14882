"""Addresses of alerts and of the ways people are told."""

from django.urls import path

from stoop.notifications.views import alerts, channels, letters, worker

urlpatterns = [
    path("alerts/", alerts.mine, name="alerts"),
    path("alerts/all/", alerts.every, name="alerts-all"),
    path("alerts/unsent/", letters.unsent, name="alerts-unsent"),
    path("alerts/unsent/<uuid:key>/again", letters.again, name="alert-again"),
    path("alerts/<uuid:key>/", alerts.alert, name="alert"),
    path("alerts/<uuid:key>/take", alerts.take, name="alert-take"),
    path("alerts/<uuid:key>/give-back", alerts.give_back, name="alert-give-back"),
    path("a/<slug:code>", alerts.short, name="alert-short"),
    path("me/channels/", channels.channels, name="channels"),
    path("me/channels/phone", channels.phone, name="channel-phone"),
    path("me/channels/phone/code", channels.code, name="channel-code"),
    path("me/channels/push", channels.push, name="channel-push"),
    path("me/channels/push/off", channels.push_off, name="channel-push-off"),
    path("me/channels/<int:pk>/remove", channels.remove, name="channel-remove"),
    path("me/channels/quiet", channels.quiet, name="channels-quiet"),
    path("me/channels/wishes", channels.wishes, name="channels-wishes"),
    path("me/channels/test", channels.test, name="channels-test"),
    path("worker.js", worker.script, name="worker-js"),
]
