"""The rounding that every conversion uses: to the cent, a half to the even one."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("projects", "0017_change_requests")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION pmdm_half_even(value numeric) RETURNS numeric
            LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
                SELECT CASE WHEN abs(value * 100 - trunc(value * 100)) = 0.5
                    THEN round(round(value * 50) * 2 / 100, 2) ELSE round(value, 2) END
            $$
            """,
            "DROP FUNCTION pmdm_half_even(numeric)",
        )
    ]
