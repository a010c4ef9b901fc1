import json

import pytest
from django.urls import reverse


class Api:
    """The JSON of one plan as one person gets it."""

    def __init__(self, client, project):
        self.client, self.project = client, project

    def url(self, name):
        return reverse(f"projects:{name}", args=[self.project.code])

    def data(self, **query):
        answer = self.client.get(self.url("plan-data"), query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def tasks(self):
        """Rows by name, each as a dictionary."""
        data = self.data()
        name = data["fields"].index("name")
        return {row[name]: dict(zip(data["fields"], row, strict=True)) for row in data["tasks"]}

    def uid(self, name):
        return self.project.tasks.get(name=name).uid

    def post(self, *ops, name="plan-edits", status=200, **body):
        answer = self.client.post(
            self.url(name), json.dumps({"ops": list(ops), **body}), content_type="application/json"
        )
        assert answer.status_code == status, (answer.status_code, answer.content.decode()[:2000])
        return answer.json() if answer.content else None

    def set(self, task, status=200, was=None, **fields):
        op = {"op": "set", "uid": self.uid(task), "fields": fields}
        return self.post({**op, "was": was} if was else op, status=status)

    def undo(self, status=200):
        return self.post(name="plan-undo", status=status)

    def redo(self, status=200):
        return self.post(name="plan-redo", status=status)

    def changes(self, since):
        answer = self.client.get(self.url("plan-changes"), {"since": since})
        assert answer.status_code in (200, 204), answer.content
        return answer.json() if answer.status_code == 200 else None


@pytest.fixture
def as_(client, project, people, plan):
    """``as_("bob")`` is the API as Bob sees it."""
    from django.test import Client

    def sign_in(name):
        other = Client(raise_request_exception=False)
        other.force_login(getattr(people, name))
        return Api(other, project)

    return sign_in


@pytest.fixture
def api(as_):
    return as_("alice")
