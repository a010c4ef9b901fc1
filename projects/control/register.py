"""The work that workers do for control."""


def register() -> None:
    from projects.control import history  # noqa: F401 - it registers a periodic job
