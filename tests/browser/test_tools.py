"""The tools of the browser tests themselves: axe sees a fault, a stranger's address is stopped."""

import pytest

from tests.browser import tools

pytestmark = pytest.mark.browser
GOOD = "<html lang=en><title>Brief</title><main><h1>Brief</h1><p>Two areas.</p></main></html>"


def test_axe_passes_a_good_page_and_sees_a_fault(page, axe) -> None:
    sheet = page()
    sheet.set_content(GOOD)
    assert axe(sheet) == []
    sheet.set_content(GOOD.replace("<p>", "<img src='data:,'><p>"))
    assert [each.partition(":")[0] for each in axe(sheet)] == ["image-alt"]


def test_a_page_opens_without_scripts(page) -> None:
    sheet = page(java_script_enabled=False)
    sheet.set_content(GOOD + "<script>document.title = 'scripted'</script>")
    assert sheet.title() == "Brief"


@pytest.mark.parametrize("stranger", ["city.invalid", "192.0.2.1"])
def test_a_stranger_is_told_of_and_not_reached(browser, stranger: str) -> None:
    asks = GOOD.replace("<p>", f"<img alt='' src='http://{stranger}/a.png'><p>")
    failed: list[str] = []
    opened = tools.pages(browser)
    sheet = opened.__enter__()()
    sheet.on("requestfailed", lambda request: failed.append(request.failure))
    sheet.set_content(asks)
    with pytest.raises(AssertionError, match="other machines"):
        opened.__exit__(None, None, None)
    assert failed == ["net::ERR_NAME_NOT_RESOLVED"]
