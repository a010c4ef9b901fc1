"""The face: template tags, form rendering, lists, the shell around every page."""
