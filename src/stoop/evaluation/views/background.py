"""What a worker does. It stands on the floor of views because a study ends in a page."""

from django.conf import settings
from django.utils import translation
from django_tasks import task

from stoop.accounts.permissions import SYSTEM
from stoop.evaluation import actions
from stoop.evaluation.views import sentences
from stoop.evaluation.views.page import study_page


@task(queue_name="studies")
def work_on(key: str) -> None:
    """Work a run out, in the language in which the command line writes."""
    with translation.override(settings.LANGUAGE_CODE):
        actions.work_on(key=key, by=SYSTEM, render=study_page, says=sentences.answer)
