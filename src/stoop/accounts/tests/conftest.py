"""What the tests of this module share: nobody asks the world."""

import pytest

BREACHES = "passwords.not_breached"


@pytest.fixture
def real_hashers(settings):
    """How passwords are kept outside of tests."""
    return list(settings.PASSWORD_HASHERS)


@pytest.fixture(autouse=True)
def _alone(real_hashers, settings):
    settings.AUTH_PASSWORD_VALIDATORS = [
        each for each in settings.AUTH_PASSWORD_VALIDATORS if not each["NAME"].endswith(BREACHES)
    ]
    # Argon2 is slow on purpose; test_passwords looks at the real one.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
