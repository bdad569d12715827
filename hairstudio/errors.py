"""The one exception that users see."""


class UserError(Exception):
    """Bad input or a bad environment, explained in one line.

    The text names the file (or option) and the reason. The command line prints it
    and exits with 2; the app shows it as a message. Anything else is a bug.
    """
