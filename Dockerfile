# The client, built.
FROM node:20-slim AS client
WORKDIR /src/client_js
COPY client_js/package.json client_js/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY client_js ./
RUN mkdir -p /src/server/frontdesk/static && npm run build

# The server with its pinned dependencies, in a virtual environment that moves as it is.
FROM python:3.11-slim AS server
WORKDIR /src
RUN python -m venv /opt/frontdesk
COPY requirements.lock ./
RUN /opt/frontdesk/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY server ./server
COPY --from=client /src/server/frontdesk/static ./server/frontdesk/static
RUN /opt/frontdesk/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
# A current Redis for the embedded one; the one that comes with the Python packages is old.
RUN apt-get update \
 && apt-get install -y --no-install-recommends redis-server \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin frontdesk \
 && install -d -m 0700 -o frontdesk -g frontdesk /data
COPY --from=server /opt/frontdesk /opt/frontdesk
ENV PATH=/opt/frontdesk/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    FRONTDESK_HOST=0.0.0.0 \
    FRONTDESK_DATA=/data \
    FRONTDESK_LOG_FORMAT=json
USER frontdesk
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('FRONTDESK_PORT', '8000')}/readyz\", timeout=4)"]
ENTRYPOINT ["frontdesk"]
CMD ["serve"]
