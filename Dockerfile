FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 \
    PMDM_ENV=production \
    PMDM_HOME=/data \
    PMDM_STATIC_ROOT=/app/staticfiles

WORKDIR /app
COPY requirements.lock pmdm/local/production_lock.py /tmp/
RUN python /tmp/production_lock.py /tmp/requirements.lock > /tmp/production.lock \
    && pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/production.lock \
    && useradd --uid 10001 --create-home pmdm \
    && install -d -o pmdm -g pmdm /data

COPY . .
# Settings refuse to load without these; none of them is kept in the image, and no engine is asked.
RUN PMDM_SECRET_KEY="$(head -c 60 /dev/urandom | base64 -w0)" PMDM_ALLOWED_HOSTS=localhost \
    PMDM_SITE_URL=https://localhost EMAIL_URL=consolemail:// \
    DATABASE_URL=postgres://nobody@localhost/none REDIS_URL=redis://localhost PMDM_HOME=/tmp/build \
    python manage.py collectstatic --noinput && rm -rf /tmp/*

USER pmdm
VOLUME /data
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "4", "--respawn-failed-workers", "--no-ws", "pmdm.wsgi:application"]
