# Sluice as an image. Built from a checkout: docker build -t sluice .
FROM node:24-slim AS dependencies
WORKDIR /sluice
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-slim
# One arena for malloc: several threads compress and write, and each would keep what it freed to itself.
ENV NODE_ENV=production UV_THREADPOOL_SIZE=8 MALLOC_ARENA_MAX=1
WORKDIR /sluice
COPY --from=dependencies /sluice/node_modules node_modules
COPY package.json LICENSE ./
COPY src src
# FireLens makes the directory of the log socket root's.
USER 0
VOLUME /var/lib/sluice
EXPOSE 24224 2020
HEALTHCHECK --interval=10s --timeout=5s --retries=3 CMD ["node", "src/main.ts", "healthcheck"]
ENTRYPOINT ["node", "src/main.ts"]
