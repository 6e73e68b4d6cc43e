# One image for every process of the site; docker-compose.yml says which command runs where.
# It keeps no state of its own: that is PostgreSQL's, and the tasks are the broker's; a volume has
# the list of those who left.

FROM python:3.12-slim AS packages
COPY requirements.txt /
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r /requirements.txt

FROM python:3.12-slim
RUN groupadd --system --gid 10001 papers \
    && useradd --system --uid 10001 --gid 10001 --home-dir /app --shell /usr/sbin/nologin papers
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    # Celery's soft shutdown: give tasks back, do not wait for them.
    REMAP_SIGTERM=SIGQUIT
WORKDIR /app
COPY --from=packages /venv /venv
COPY manage.py ./
COPY config config
COPY desk desk
COPY comments comments
COPY following following
COPY interests interests
COPY library library
COPY notifications notifications
COPY profiles profiles
COPY reader_api reader_api
COPY accounts accounts
COPY papers papers
COPY selfhost selfhost
COPY site_web site_web
COPY subscriptions subscriptions
COPY templates templates
COPY static static
# The key is for this command alone: the image holds no secret.
RUN SECRET_KEY=for-the-build-alone python manage.py collectstatic --no-input -v 0 \
    && mkdir -m 700 .data/kept .data/media && chown -R papers:papers .data
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://localhost:8000/healthz', timeout=4)"]
CMD ["python", "-m", "granian", "--interface", "wsgi", "config.wsgi:application", \
     "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "8", \
     "--backlog", "1024", "--respawn-failed-workers", "--workers-kill-timeout", "3"]
