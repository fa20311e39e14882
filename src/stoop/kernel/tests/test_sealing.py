"""What is sealed opens with its key and with no other."""

from stoop.kernel.sealing import opened, seal


def test_it_opens_with_its_key_alone(settings) -> None:
    shut = seal("JBSWY3DPEHPK3PXP")
    assert "JBSW" not in shut
    assert shut != seal("JBSWY3DPEHPK3PXP"), "two alike do not look alike"
    assert opened(shut) == "JBSWY3DPEHPK3PXP"
    settings.SECRET_KEY, old = "another key", settings.SECRET_KEY
    assert opened(shut) is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert opened(shut) == "JBSWY3DPEHPK3PXP"


def test_what_was_changed_does_not_open() -> None:
    shut = seal("text")
    assert opened(f"{shut[:-3]}AA=") is None
    assert opened("never sealed") == "never sealed"
