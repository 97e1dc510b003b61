# One image for every process: compose and Kubernetes choose which by the command. Health checks belong to whoever runs it.
FROM node:24-slim AS build
WORKDIR /app
COPY . .
# Everything first, because the page's bundler comes as an optional package; then only what runs. The embedded engines stay out.
RUN npm install --no-save --no-audit --no-fund \
 && npx vite build web/dashboard \
 && npm prune --omit=dev --omit=optional --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production \
    NODE_OPTIONS="--enable-source-maps --disable-warning=ExperimentalWarning --disable-warning=TimeoutNegativeWarning"
WORKDIR /app
COPY --from=build --chown=root:root /app ./
# Reads its files and writes none.
USER node
EXPOSE 8080
CMD ["node", "web/gateway/src/main.ts"]
