"""What evaluation writes: the folder of a study."""

from stoop.evaluation.actions.publish import publish_study

__all__ = ["publish_study"]
