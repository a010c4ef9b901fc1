"""The Gantt chart as a picture: SVG, PNG, and PDF over pages."""
