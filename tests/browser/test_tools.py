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


def test_a_stranger_is_stopped(browser) -> None:
    asks = GOOD.replace("<p>", "<img alt='' src='http://city.invalid/a.png'><p>")
    with pytest.raises(AssertionError, match="other machines"), tools.pages(browser) as open_page:
        open_page().set_content(asks)
