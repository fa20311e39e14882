"""What precision writes: the folder of a brief."""

from stoop.precision.actions.publish import publish_brief, write_forecasts

__all__ = ["publish_brief", "write_forecasts"]
