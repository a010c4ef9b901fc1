from tests.projects.planned import people, plan, project

__all__ = ["people", "plan", "project"]
