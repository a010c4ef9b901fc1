"""Charts drawn as SVG on the server: plain Python, no script, no inline style."""
