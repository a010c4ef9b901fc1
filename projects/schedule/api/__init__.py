"""The plan as JSON: read whole, changed by operations, undone, followed. The rules are in docs/schedule-editing.md."""
