"""What the signatures cover stays as it was signed: held by the database, whoever writes.

Each row that belongs to the content of a handover may change only while the record is a draft or was returned. The
trigger takes a share of the record's lock, so that a row can't slip in beside a submission.
"""

from collections.abc import Sequence

import pgtrigger


def frozen_once_submitted(*, but: Sequence[str] = ()) -> list[pgtrigger.Trigger]:
    """On a child of a handover: no insert, change or removal after submission; columns named in ``but`` stay free."""
    less = "".join(f" - '{column}'" for column in but)
    return [
        pgtrigger.Trigger(
            name="frozen_once_submitted",
            level=pgtrigger.Row,
            when=pgtrigger.Before,
            operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            declare=[("touched", "jsonb"), ("record_state", "text")],
            func=f"""
                IF TG_OP = 'UPDATE' AND (to_jsonb(NEW){less}) IS NOT DISTINCT FROM (to_jsonb(OLD){less}) THEN
                    RETURN NEW;
                END IF;
                touched := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
                SELECT h.state INTO record_state FROM handover_handover h
                    WHERE h.id = (touched->>'handover_id')::bigint FOR SHARE;
                IF record_state NOT IN ('draft', 'returned') THEN
                    RAISE EXCEPTION 'This belongs to what was signed: return the handover to change it.'
                        USING ERRCODE = 'check_violation';
                END IF;
                IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                RETURN NEW;
            """,  # noqa: S608 - names of ours, nothing from outside
        )
    ]


def before_acceptance(name: str, *, missing: str, message: str) -> pgtrigger.Trigger:
    """On the handover: it can't become accepted while the SQL condition ``missing`` holds for ``NEW``."""
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("OLD.accepted_at IS NULL AND NEW.accepted_at IS NOT NULL"),
        func=f"""
            IF {missing} THEN
                RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )
