"""Door for the forms of an evaluator."""

from stoop.evaluation.forms.designs import DesignForm
from stoop.evaluation.forms.texts import AmendForm, TextForm, UploadForm, WithdrawForm

__all__ = ["AmendForm", "DesignForm", "TextForm", "UploadForm", "WithdrawForm"]
