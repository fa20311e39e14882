"""What precision writes: the folder of a brief, and the watch zone of the live map."""

from stoop.precision.actions.publish import publish_brief, write_forecasts
from stoop.precision.actions.watch import keep_watch, seek

__all__ = ["keep_watch", "publish_brief", "seek", "write_forecasts"]
