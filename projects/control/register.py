"""The work that workers do for control."""


def register() -> None:
    from projects.control import history, simulation  # noqa: F401 - they register a periodic job and work
