"""By which ways one is told, and when not."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from stoop.accounts.permissions import Permission, page
from stoop.kernel.errors import Refusal
from stoop.notifications import actions, queries
from stoop.notifications.forms import CodeForm, PhoneForm, PushForm, QuietForm, WishesForm

BROWSERS = (
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


@require_GET
@page(Permission.SELF)
def channels(request: HttpRequest) -> HttpResponse:
    """All of it on one page."""
    return _shown(request)


@require_POST
@page(Permission.SELF)
def phone(request: HttpRequest) -> HttpResponse:
    """Send a code to a number."""
    form = PhoneForm(request.POST)
    if form.is_valid():
        try:
            actions.ask_code(by=request.actor, number=form.cleaned_data["number"])
            return redirect("channel-code")
        except Refusal as refusal:
            form.add_error("number", str(refusal))
    return _shown(request, phone=form)


@page(Permission.SELF)
def code(request: HttpRequest) -> HttpResponse:
    """The digits that came show that the number is one's own."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.confirm_code(by=request.actor, digits=form.cleaned_data["digits"])
            messages.success(request, _("Text messages come to this number from now on."))
            return redirect("channels")
        except Refusal as refusal:
            form.add_error("digits", str(refusal))
    return render(request, "notifications/code.html", {"form": form})


@require_POST
@page(Permission.SELF)
def push(request: HttpRequest) -> HttpResponse:
    """A browser's script says how it can be reached."""
    form = PushForm.of(request.body)
    sentence = _("This browser could not be used. Try again, or use a text message.")
    if form.is_valid():
        said = form.cleaned_data
        try:
            actions.add_channel(
                by=request.actor,
                kind="push",
                address=said["endpoint"],
                keys={"p256dh": said["p256dh"], "auth": said["auth"]},
                label=_device(request.headers.get("User-Agent", "")),
            )
            return JsonResponse({"sentence": _("Alerts come to this phone or computer.")})
        except Refusal as refusal:
            sentence = str(refusal)
    return JsonResponse({"sentence": sentence}, status=400)


@require_POST
@page(Permission.SELF)
def push_off(request: HttpRequest) -> HttpResponse:
    """Alerts are off on the browser whose script says so."""
    endpoint = request.POST.get("endpoint", "")[:500].replace("\0", "")
    actions.remove_push(by=request.actor, address=endpoint)
    return JsonResponse({"sentence": _("Alerts are off on this phone or computer.")})


@require_POST
@page(Permission.SELF)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away one of one's ways."""
    channel = queries.channels(request.actor).filter(pk=pk).first()
    if channel is None:
        raise Http404
    actions.remove_channel(channel=channel, by=request.actor)
    messages.success(request, _("It was taken away."))
    return redirect("channels")


@require_POST
@page(Permission.SELF)
def quiet(request: HttpRequest) -> HttpResponse:
    """Hours in which nothing comes that can wait."""
    form = QuietForm(request.POST)
    if form.is_valid():
        try:
            actions.set_quiet(by=request.actor, seen=form.seen(), **form.cleaned_data)
            messages.success(request, _("Your quiet hours are kept."))
            return redirect("channels")
        except actions.Stale as stale:
            form.see(stale.begins, stale.ends)
            form.add_error(None, str(stale))
        except Refusal as refusal:
            form.add_error("begins", str(refusal))
    return _shown(request, quiet=form)


@require_POST
@page(Permission.SELF)
def wishes(request: HttpRequest) -> HttpResponse:
    """What a lock screen shows, and whether e-mail comes besides."""
    form = WishesForm(request.POST)
    if form.is_valid():
        if chosen := form.chosen():
            actions.set_preferences(by=request.actor, **chosen)
        messages.success(request, _("It is kept."))
    return redirect("channels")


@require_POST
@page(Permission.SELF)
def test(request: HttpRequest) -> HttpResponse:
    """Send oneself a test, and watch it arrive."""
    return redirect("alert", key=actions.test_alert(by=request.actor).key)


def _shown(
    request: HttpRequest, *, phone: PhoneForm | None = None, quiet: QuietForm | None = None
) -> HttpResponse:
    actor = request.actor
    wish = queries.preference(actor)
    context = {
        "channels": list(queries.channels(actor)),
        "preference": wish,
        "hears": queries.hears(actor),
        "push_key": actions.push_key(),
        "sms_ready": actions.sms_ready(),
        "phone": phone or PhoneForm(),
        "quiet": quiet or QuietForm(initial={"begins": wish.quiet_from, "ends": wish.quiet_until}),
        "wishes": WishesForm(initial={"short_text": wish.short_text, "email": wish.email}),
    }
    return render(
        request, "notifications/channels.html", context, status=400 if phone or quiet else 200
    )


def _device(agent: str) -> str:
    """What to call a browser, from what it says of itself: "Chrome on Android"."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    if not browser or not system:
        return _("A browser")
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
