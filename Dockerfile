# Two packages are compiled during installation, so this stage has a compiler; it is not in the image.
FROM node:22-bookworm-slim AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends python3 make g++ \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY nest-cli.json tsconfig.json tsconfig.build.json .swcrc ./
COPY src src
COPY console console
COPY scripts scripts
# The tool "replay" is a script; the image has no compiler for it, so it is compiled here.
RUN npm run build \
 && npx swc scripts/replay.ts scripts/corpus.ts scripts/child-service.ts scripts/http-session.ts \
      --out-dir dist/scripts --strip-leading-paths \
 && npm prune --omit=dev

FROM node:22-bookworm-slim
# scripts/decode-version.mjs uses these two programs instead of the service's code.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends sqlite3 zstd \
 && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/scripts/decode-version.mjs /app/scripts/ready.mjs scripts/
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "scripts/ready.mjs"]
CMD ["node", "dist/main.js"]
