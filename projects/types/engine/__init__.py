"""Templates of projects as plain values: what one holds, what is wrong with it, which tasks it makes. No database."""

from .plan import PlannedTask, planned_tasks
from .template import (
    EVIDENCE,
    KINDS,
    MAX_ROWS,
    SECTIONS,
    Document,
    Line,
    Phase,
    Problem,
    Risk,
    Role,
    Task,
    Template,
    parse_after,
    problems,
    read,
    write,
)

__all__ = [
    "EVIDENCE",
    "KINDS",
    "MAX_ROWS",
    "SECTIONS",
    "Document",
    "Line",
    "Phase",
    "PlannedTask",
    "Problem",
    "Risk",
    "Role",
    "Task",
    "Template",
    "parse_after",
    "planned_tasks",
    "problems",
    "read",
    "write",
]
