FROM node:24-trixie-slim AS graphiql
WORKDIR /build
COPY server/graphiql/package.json server/graphiql/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY server/graphiql ./
RUN npm run build


FROM python:3.13-slim-trixie AS builder
WORKDIR /build
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PYTHON_DOWNLOADS=never
COPY requirements.lock requirements-production.lock requirements-dictionary.lock ./
# uv is installed from the lock of the development tools, verified by its hash.
RUN awk '/^[a-z0-9]/ { wanted = /^uv==/ } wanted' requirements.lock > uv.txt \
    && pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r uv.txt
# Wheels only: a package that needs a compiler fails here.
RUN python -m venv --without-pip /opt/shinjp \
    && uv pip install --python /opt/shinjp --require-hashes --only-binary :all: -r requirements-production.lock
# The one exception: the dictionary is a source distribution that unpacks its database, and needs no compiler.
RUN awk '/^[a-z0-9]/ { wanted = /^(jamdict-data|kanjivg)==/ } wanted' requirements-dictionary.lock > dictionary.txt \
    && uv pip install --python /opt/shinjp --require-hashes --build-constraints requirements-dictionary.lock \
        --config-setting=--build-option=--compression=stored -r dictionary.txt
COPY . .
COPY --from=graphiql /build/static server/graphiql/static
RUN uv build --wheel --require-hashes --build-constraints requirements.lock \
    && uv pip install --python /opt/shinjp --no-deps dist/*.whl


FROM python:3.13-slim-trixie
ENV PATH=/opt/shinjp/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SHINJP_ENVIRONMENT=production \
    HOST=0.0.0.0 \
    PORT=8000 \
    SHUTDOWN_DELAY_SECONDS=5 \
    STREAM_SHUTDOWN_SECONDS=5
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin shinjp \
    && install --directory --owner=shinjp --group=shinjp /exports
COPY --from=builder /opt/shinjp /opt/shinjp
# Numeric, so that an orchestrator can verify that it is not root.
USER 10001
EXPOSE 8000
# `/readyz` responds within a second whatever the databases do; Python takes up to one to start on a busy machine.
HEALTHCHECK --interval=5s --timeout=4s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/readyz', timeout=2)"]
ENTRYPOINT ["shinjp"]
# One process per core; 2 suit a small machine.
CMD ["serve", "--workers", "2"]
