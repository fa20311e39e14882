"""The one error a reader of Stoop ever sees as text."""


class Refusal(Exception):  # noqa: N818 (no error: work that is refused in good order)
    """Work that cannot be done as asked.

    The message is one plain sentence that says what is wrong and how to mend it; the command
    line prints it and leaves with exit code 2, a view shows it beside the form.
    """
