"""Carries who acts, in which request, into the database session, where the audit triggers read it."""

import uuid

import pghistory


class ActorMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = getattr(request, "id", None) or uuid.uuid4().hex
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return self.get_response(request)
        user = request.user.pk if request.user.is_authenticated else None
        with pghistory.context(user=user, request=request.id):
            return self.get_response(request)
