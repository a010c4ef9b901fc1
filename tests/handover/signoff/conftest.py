import pytest

from handover.signoff import verbs
from pmdm.accounts.roles import Role
from tests import factories


@pytest.fixture
def signers(record):
    """Two in step 1, one in step 2."""
    people = [factories.make_user(name) for name in ("Sid Security", "Fay Finance", "Lea Legal")]
    rows = []
    for user, step in zip(people, (1, 1, 2), strict=True):
        factories.join(record.project, user, Role.STAKEHOLDER)
        record.project.__dict__.pop("_permissions", None)
        rows.append(verbs.name_signer(record, user, by=record.giver, capacity=user.name.split()[1], step=step))
    return rows
