# Frontdesk in less than 200 MB. `docker build -t frontdesk .`; with traces:
# `docker build --build-arg LOCK=requirements-tracing.lock -t frontdesk .`

# The client, built.
FROM node:20.19.5-bookworm-slim AS client
WORKDIR /src/client_js
COPY client_js/package.json client_js/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY client_js ./
RUN mkdir -p /src/server/frontdesk/static && npm run build

# The server with its pinned dependencies, in a virtual environment that moves as it is.
FROM debian:12.12-slim AS server
# Debian keeps no older version of a package, so that none can be named. binutils: for strip.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends binutils ca-certificates python3-venv
WORKDIR /src
ARG LOCK=requirements.lock
COPY requirements*.lock ./
RUN python3 -m venv /opt/frontdesk \
 && /opt/frontdesk/bin/pip install --no-cache-dir --no-compile --require-hashes -r "$LOCK"
COPY pyproject.toml README.md ./
COPY server ./server
COPY --from=client /src/server/frontdesk/static ./server/frontdesk/static
RUN /opt/frontdesk/bin/pip install --no-cache-dir --no-compile --no-deps --no-build-isolation .
# What nobody runs goes: the bundled old Redis with what it alone needs, pip, tests, C sources, debug
# symbols (40 MB of the wheels'). Bytecode is made now: the image may be read-only.
COPY deploy/slim.sh ./
RUN sh slim.sh /opt/frontdesk

FROM debian:12.12-slim
# Python as Debian maintains it, and a current Redis for the embedded one.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3 redis-server \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/cache/debconf /var/log/* \
 && groupadd --gid 10001 frontdesk \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data \
      --shell /usr/sbin/nologin frontdesk \
 && install -d -m 0700 -o frontdesk -g frontdesk /data
COPY --from=server /opt/frontdesk /opt/frontdesk
ENV PATH=/opt/frontdesk/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    FRONTDESK_HOST=0.0.0.0 \
    FRONTDESK_DATA=/data \
    FRONTDESK_LOG_FORMAT=json
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["frontdesk", "ready"]
ENTRYPOINT ["frontdesk"]
CMD ["serve"]
