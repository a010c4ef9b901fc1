"""Database triggers of changes: states follow one another as they may, and what was decided stays as it was."""

import pgtrigger

# Which state may follow which; the verbs (moves.py) and the database hold the same table.
MOVES: dict[str, tuple[str, ...]] = {
    "draft": ("submitted", "withdrawn"),
    "submitted": ("assessment", "rejected", "deferred", "withdrawn"),
    "assessment": ("approved", "rejected", "deferred", "withdrawn"),
    "deferred": ("assessment", "rejected", "withdrawn"),
    "approved": ("implemented",),
    "rejected": (),
    "withdrawn": (),
    "implemented": (),
}
DECIDED = ("approved", "rejected", "withdrawn", "implemented")


def _refuse(words: str) -> str:
    return f"RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation';"


def _listed(values) -> str:
    return ", ".join(f"'{value}'" for value in values)


def request() -> list[pgtrigger.Trigger]:
    """No step past the table of moves; a decided request changes only by being implemented."""
    allowed = _listed(f"{before}>{after}" for before, ways in MOVES.items() for after in ways)
    own = "'{state,version,implemented_at,implemented_by_id}'::text[]"
    return [
        pgtrigger.Trigger(
            name="moves_as_it_may",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            func=f"""
                IF OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({allowed}) THEN
                    {_refuse("A change request does not move like that.")}
                END IF;
                IF OLD.state <> 'draft' AND NEW.requester_id <> OLD.requester_id
                    OR NEW.created_by_id <> OLD.created_by_id THEN
                    {_refuse("Who asked for a change stays who asked for it.")}
                END IF;
                IF OLD.state IN ({_listed(DECIDED)}) AND to_jsonb(OLD) - {own} <> to_jsonb(NEW) - {own} THEN
                    {_refuse("A decided change request stays as it was decided.")}
                END IF;
                RETURN NEW;
            """,
        ),
        pgtrigger.Trigger(
            name="begins_as_draft",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            func=f"IF NEW.state <> 'draft' THEN {_refuse('A change request begins as a draft.')} END IF; RETURN NEW;",
        ),
    ]


def part() -> list[pgtrigger.Trigger]:
    """On what a request affects: nothing comes or changes once it is decided."""
    return [
        pgtrigger.Trigger(
            name="stays_as_decided",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert | pgtrigger.Update,
            func=f"""
                IF EXISTS (
                    SELECT 1 FROM projects_changerequest c
                    WHERE c.id = NEW.change_id AND c.state IN ({_listed(DECIDED)})
                ) THEN
                    {_refuse("What a decided change request affects stays as it was decided.")}
                END IF;
                RETURN NEW;
            """,  # noqa: S608 - names of ours
        )
    ]


def never_altered() -> list[pgtrigger.Trigger]:
    return [pgtrigger.Protect(name="never_altered", operation=pgtrigger.Update)]


def only_activity() -> list[pgtrigger.Trigger]:
    """A frozen budget only becomes the active one, or no longer is it."""
    return [
        pgtrigger.Trigger(
            name="stays_frozen",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            func=f"""
                IF to_jsonb(OLD) - 'is_active' <> to_jsonb(NEW) - 'is_active' THEN
                    {_refuse("A frozen budget never changes.")}
                END IF;
                RETURN NEW;
            """,
        )
    ]
