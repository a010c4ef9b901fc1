"""A lesson as people type it."""

TEXT = {
    "title": "Book the certification slot early",
    "happened": "The payment provider certified us three weeks late.",
    "cause": "Nobody asked for a slot before the build was done.",
    "effect": "The pilot began late.",
    "recommendation": "Ask the provider for a slot when the design freezes.",
    "kind": "avoid",
    "phase": "planning",
    "impact": 1,
    "tags": ["supplier", "certification"],
}
