"""What evaluation writes: the folder of a study; and in the platform its design, runs, finding."""

from stoop.evaluation.actions.claims import publish_claims
from stoop.evaluation.actions.designs import amend_study, delete_draft, draft_study, register_study
from stoop.evaluation.actions.findings import publish_finding, withdraw_finding
from stoop.evaluation.actions.publish import publish_study
from stoop.evaluation.actions.runs import end_lost_runs, forget_inputs, start_run, work_on

__all__ = [
    "amend_study",
    "delete_draft",
    "draft_study",
    "end_lost_runs",
    "forget_inputs",
    "publish_claims",
    "publish_finding",
    "publish_study",
    "register_study",
    "start_run",
    "withdraw_finding",
    "work_on",
]
