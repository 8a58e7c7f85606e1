# Sluice as an image: docker build -t sluice .
# For both kinds of Fargate: docker buildx build --platform linux/amd64,linux/arm64 -t sluice .
FROM node:24-slim AS build
WORKDIR /sluice
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY scripts scripts
COPY src src
RUN node scripts/bundle.ts build/sluice.cjs

FROM node:24-slim
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG SOURCE=https://git.example/sluice
LABEL org.opencontainers.image.title="Sluice" \
      org.opencontainers.image.description="Log-routing sidecar for an Apache/PHP container on ECS Fargate" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
# ECS runs the health check of a task definition inside the container, and those that were made for Fluent Bit call one
# of these two: with only the image changed, a check that cannot be run would end the task. docs/decisions/image.md
RUN apt-get update && apt-get install -y --no-install-recommends curl netcat-openbsd && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
COPY LICENSE /usr/local/lib/sluice/
COPY --from=build /sluice/build/ /usr/local/lib/sluice/
COPY docker/sluice.sh /usr/local/bin/sluice
# One arena for malloc: several threads compress and write, and each would keep what it freed to itself.
ENV NODE_ENV=production UV_THREADPOOL_SIZE=8 MALLOC_ARENA_MAX=1 NODE_COMPILE_CACHE=/usr/local/lib/sluice/cache
# Node's compiled code is kept as a start, a delivery and a health check leave it; nothing writes there later. The data
# directory is anybody's, since a task definition may name any user.
RUN chmod 755 /usr/local/bin/sluice \
    && echo '{"status":200,"path":"/"}' | SLUICE_DATA_DIR=/tmp/warm sluice --stdin > /dev/null \
    && sluice check > /dev/null && (sluice healthcheck 2> /dev/null || true) && rm -rf /tmp/warm \
    && mkdir -m 1777 /var/lib/sluice
# FireLens makes the directory of the log socket root's.
USER 0
WORKDIR /var/lib/sluice
VOLUME /var/lib/sluice
EXPOSE 24224 2020
HEALTHCHECK --interval=10s --timeout=5s --retries=3 CMD ["sluice", "healthcheck"]
# Node is process 1, without a shell before it: it handles the signals that stop it, opens no debugger, and starts no other process.
ENTRYPOINT ["node", "--disable-sigusr1", "/usr/local/lib/sluice/sluice.cjs"]
