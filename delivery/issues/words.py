"""Words of other trackers for severity, type and state. Plain Python; what is not known here is never guessed."""

from delivery.issues.types import allowed
from pmdm.interchange.tabular import plain

_SEVERITIES = {
    1: "critical blocker highest p0 urgent immediate showstopper emergency sev1 s1 fatal catastrophic",
    2: "high major p1 important severe sev2 s2 serious crash",
    3: "medium normal moderate average default p2 sev3 s3 standard",
    4: "low minor trivial lowest p3 p4 p5 optional cosmetic tweak sev4 s4 planning somewhatimportant enhancement",
}
# Words that say that nobody has set a priority.
UNSET = {
    "",
    "unset",
    "none",
    "unprioritized",
    "unprioritised",
    "notevaluated",
    "notapriority",
    "undefined",
    "tbd",
    "na",
}
DEFAULT_SEVERITY = 3

_TYPES = {
    "bug": "bug defect error fault regression incident problem crash qualityrisk",
    "complaint": "complaint grievance",
    "performance": "performance slowness latency",
}
_STATES = {
    "done": "done closed resolved complete completed fixed finished released cancelled canceled wontfix verified"
    " declined rejected wontdo denied",
    "resolved": "resolved fixed verified",
    "waiting": "waiting waitingforcustomer waitingforsupport onhold pending needinfo blocked feedback",
    "working": "inprogress inreview assigned started doing active workinprogress accepted reopened"
    " reproduced testing intesting qa inqa readyfortest readyfortesting readyforqa monitoring"
    " underobservation waitingforapproval awaitingapproval pendingapproval approved",
}
STATES = {name: frozenset(words.split()) for name, words in _STATES.items()}
SEVERITY_OF = {word: severity for severity, words in _SEVERITIES.items() for word in words.split()}
TYPE_OF = {word: kind for kind, words in _TYPES.items() for word in words.split()}


def severity_of(word: str) -> int | None:
    """1-4 for a known priority word ('P1: Critical' counts as critical, '4 - Low' as low); None for an unknown one."""
    key = plain(word)
    if key in UNSET:
        return DEFAULT_SEVERITY
    if key in SEVERITY_OF:
        return SEVERITY_OF[key]
    if key.isdigit() and 1 <= int(key) <= 5:
        return min(int(key), 4)
    # A code and a word: the word says more than the code.
    for sign in (":", "-", "/", "("):
        if sign in word:
            code, rest = word.split(sign, 1)
            found = SEVERITY_OF.get(plain(rest)) or SEVERITY_OF.get(plain(code))
            if found:
                return found
    return None


def type_of(word: str) -> str:
    """Bug, complaint or performance where the word says so; anything else that is asked for is a request."""
    return TYPE_OF.get(plain(word), "request") if plain(word) else "bug"


# Words of other trackers for the states that only one type has.
_STEPS = {
    "reproduced": "reproduced",
    "testing": "testing intesting qa inqa readyfortest readyfortesting readyforqa fixintest",
    "observing": "observing monitoring underobservation",
    "approval": "waitingforapproval awaitingapproval pendingapproval toapprove",
    "approved": "approved",
    "declined": "declined rejected wontdo wontfix denied",
}
STEP_OF = {word: step for step, words in _STEPS.items() for word in words.split()}


def step_of(word: str, kind: str, state: str) -> str:
    """The state of the type that a tracker's word means; '' where the type has none such within ``state``."""
    step = STEP_OF.get(plain(word), "")
    return step if step and allowed(kind, state, step) else ""


def state_of(word: str, is_resolved: bool) -> str:
    """The state by the tracker's word; the resolution date wins over a word that contradicts it."""
    key = plain(word)
    if is_resolved:
        return "resolved" if key in STATES["resolved"] else "closed"
    if key in STATES["done"]:
        return "closed"
    if key in STATES["waiting"]:
        return "waiting"
    return "in_progress" if key in STATES["working"] else "new"
