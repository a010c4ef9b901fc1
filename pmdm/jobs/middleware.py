"""After a change is answered, wakes the worker that recomputes figures; the beat would do it seconds later."""


class WakeWorkerMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method not in ("GET", "HEAD", "OPTIONS") and response.status_code < 400:
            # ATOMIC_REQUESTS has committed by now.
            from pmdm.kpis.tasks import wake

            wake()
        return response
