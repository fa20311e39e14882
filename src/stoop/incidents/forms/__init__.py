"""What people type about shootings and sources, parsed."""

from stoop.incidents.forms.changes import CorrectForm, MergeForm, ReasonForm
from stoop.incidents.forms.filters import FilterForm
from stoop.incidents.forms.reports import ReportForm
from stoop.incidents.forms.sources import FeedForm, LimitForm, SourceForm

__all__ = [
    "CorrectForm",
    "FeedForm",
    "FilterForm",
    "LimitForm",
    "MergeForm",
    "ReasonForm",
    "ReportForm",
    "SourceForm",
]
