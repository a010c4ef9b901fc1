"""Plain arithmetic of scope: no Django, no clock."""
